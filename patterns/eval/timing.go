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
	Sample []byte               // lines of logs such as the rules are for
	Now    func() time.Duration // the clock: best one of the time that the process was given
}

// Costs are times for a megabyte (1,000,000 bytes) of log.
type Costs struct {
	Engine time.Duration            // what any log takes
	Noise  time.Duration            // by how much two measurements may differ: what is less counts as 0
	Rules  map[string]time.Duration // by id; rules on classify.ResultFile, which read no log, are not in it
}

const (
	calmRounds = 7 // measurements of the engine
	pairRounds = 4 // measurements of a rule that seems to cost something, each beside one of the engine
)

// Measure measures the costs of rules. It stops early when ctx ends, with ctx's
// error; any other error is that of a rule that the engine refuses.
func (t Timing) Measure(ctx context.Context, rules []classify.Rule) (*Costs, error) {
	calm, err := t.alone(classify.Rule{ID: "calm", Literal: "\x00no log has this\x00", Message: "calm"})
	if err != nil {
		return nil, err
	}
	var times []time.Duration
	for range calmRounds {
		times = append(times, t.time(ctx, calm))
	}
	slices.Sort(times)
	least, noise := times[0], 2*(times[len(times)/2]-times[0])
	costs := &Costs{Engine: t.perMB(least), Noise: t.perMB(noise), Rules: map[string]time.Duration{}}
	for _, r := range rules {
		if slices.Contains(r.Files, classify.ResultFile) {
			continue
		}
		c, err := t.alone(r)
		if err != nil {
			return nil, err
		}
		costs.Rules[r.ID] = 0
		if took := t.time(ctx, c); took > least+noise {
			if more := t.beyond(ctx, c, calm); more > noise {
				costs.Rules[r.ID] = t.perMB(more)
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// beyond returns how much longer an engine takes than another. They take turns,
// so that a machine that is busy for a while is so for both.
func (t Timing) beyond(ctx context.Context, c, calm *classify.Classifier) time.Duration {
	took, calmTook := t.time(ctx, c), t.time(ctx, calm)
	for range pairRounds - 1 {
		took, calmTook = min(took, t.time(ctx, c)), min(calmTook, t.time(ctx, calm))
	}
	return took - calmTook
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

// time measures an engine on the sample.
func (t Timing) time(ctx context.Context, c *classify.Classifier) time.Duration {
	start := t.Now()
	c.Log(ctx, sampleName, bytes.NewReader(t.Sample))
	return t.Now() - start
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
