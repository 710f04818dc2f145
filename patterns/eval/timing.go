package eval

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Timing measures what rules cost: each is tried alone on a sample, and what the
// engine needs with a rule whose text does not occur is taken off. That is how
// much longer a log takes because of the rule, less the search for its literals,
// which all rules share.
type Timing struct {
	Sample []byte           // lines of logs such as the rules are for
	Now    func() time.Time // the clock, a monotonic one
}

// Costs are times for a megabyte (1,000,000 bytes) of log.
type Costs struct {
	Engine time.Duration            // what any log takes
	Noise  time.Duration            // by how much two measurements may differ: what is less counts as 0
	Rules  map[string]time.Duration // by id; rules on classify.ResultFile, which read no log, are not in it
}

const (
	calmRounds = 7 // measurements of the engine
	ruleRounds = 3 // measurements of a rule that seems to cost something
)

// Measure measures the costs of rules. It stops early when ctx ends, with ctx's
// error; any other error is that of a rule that the engine refuses.
func (t Timing) Measure(ctx context.Context, rules []classify.Rule) (*Costs, error) {
	calm, err := t.alone(classify.Rule{ID: "calm", Literal: "\x00no log has this\x00", Message: "calm"})
	if err != nil {
		return nil, err
	}
	times := t.times(ctx, calm, calmRounds)
	slices.Sort(times)
	least := times[0]
	noise := times[len(times)/2] - least
	costs := &Costs{Engine: t.perMB(least), Noise: t.perMB(noise), Rules: map[string]time.Duration{}}
	for _, r := range rules {
		if slices.Contains(r.Files, classify.ResultFile) {
			continue
		}
		c, err := t.alone(r)
		if err != nil {
			return nil, err
		}
		took := t.times(ctx, c, 1)[0]
		if took > least+noise {
			took = min(took, slices.Min(t.times(ctx, c, ruleRounds-1)))
		}
		costs.Rules[r.ID] = 0
		if took > least+noise {
			costs.Rules[r.ID] = t.perMB(took - least)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// sampleName is the name of the sample.
const sampleName = "sample"

// alone returns an engine with one rule, which is tried on the sample whatever
// jobs it is for.
func (t Timing) alone(r classify.Rule) (*classify.Classifier, error) {
	r.Files, r.Hides = []string{sampleName}, nil
	r.Jobs, r.Projects, r.Branches, r.Pipelines = nil, nil, nil, nil
	c, err := classify.Compile([]classify.Rule{r})
	if err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	return c, nil
}

// times measures an engine on the sample, so many times.
func (t Timing) times(ctx context.Context, c *classify.Classifier, rounds int) []time.Duration {
	times := make([]time.Duration, rounds)
	for i := range times {
		start := t.Now()
		c.Log(ctx, sampleName, bytes.NewReader(t.Sample))
		times[i] = t.Now().Sub(start)
	}
	return times
}

// perMB turns the time for the sample into that for a megabyte.
func (t Timing) perMB(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(max(1, len(t.Sample))) * 1e6)
}

// SetCosts notes with each rule what it costs.
func (e *Evaluation) SetCosts(costs *Costs) {
	for i, r := range e.Rules {
		if cost, ok := costs.Rules[r.Rule]; ok {
			e.Rules[i].Cost = &cost
		}
	}
}
