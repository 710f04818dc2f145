package convert

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// pytorchStep is the distance of two neighbouring rules' priorities: there is
// room for a rule between them.
const pytorchStep = 10

// pytorch reads the rule set of PyTorch's log classifier. The classifier takes
// the time stamp and escape sequences off each line and drops some lines of the
// runner. Each rule stands for the last line that it matches; the first rule of
// the set that matches one is the reason. What it captured, or without groups
// the whole match, says what happened. See aws/lambda/log-classifier in
// github.com/pytorch/test-infra.
func (c *converter) pytorch(f File) error {
	var set struct {
		Rules []struct {
			Name    string `toml:"name"`
			Pattern string `toml:"pattern"`
		} `toml:"rule"`
	}
	index, err := strict.Decode(f.Name, f.Text, &set)
	if err != nil {
		return err
	}
	c.Document.Comment = "Rules of " + f.Name + ", carried over from the format of " + PyTorch + ". The first has the highest\n" +
		"priority; each shows the last line that it matches."
	c.Document.Tags = map[string]string{PyTorch: "a failure that the rules of " + PyTorch + " know"}
	c.find(0, Note, nil, "the original does not look at what stands between the lines \"=== sccache compilation log ===\" and \"=== If your build fails, …\"; rules do")
	first := map[string]int{}
	for i, rule := range set.Rules {
		c.Read++
		line, _ := index.At("rule", i)
		at, _ := index.At("rule", i, "pattern")
		re, err := regexp.Compile(rule.Pattern)
		if err != nil || rule.Pattern == "" {
			c.find(at, Lost, nil, "rule %q: %v", rule.Name, err)
			continue
		}
		id := c.id(rule.Name)
		if before, twice := first[rule.Pattern]; twice {
			c.find(at, Defect, []string{id}, "the pattern of line %d once more: this rule never is the reason", before)
		} else {
			first[rule.Pattern] = at
		}
		if id != slug(rule.Name) {
			c.find(line, Note, []string{id}, "an earlier rule has the name %q too; this one is called %q", rule.Name, id)
		}
		c.Document.Entries = append(c.Document.Entries, patterns.Entry{Rule: classify.Rule{
			ID: id, Files: []string{"console"}, Pattern: rule.Pattern, Message: plain(rule.Name) + ": " + captured(re),
			Tag: PyTorch, Priority: pytorchStep * (len(set.Rules) - i), Unless: pytorchNoise(re), Occurrence: classify.OccurrenceLast,
		}})
	}
	return nil
}

// captured returns what a message says of a match: what the groups captured, or
// where there are none, the whole match.
func captured(re *regexp.Regexp) string {
	if re.NumSubexp() == 0 {
		return "{0}"
	}
	var groups []string
	for i := range re.NumSubexp() {
		groups = append(groups, fmt.Sprintf("{%d}", i+1))
	}
	return strings.Join(groups, " ")
}

// runnerNoise are lines that the classifier drops before it looks for anything,
// each with an example.
var runnerNoise = []struct{ pattern, example string }{
	{`^##\[error\]Process completed with exit code \d+\.?$`, "##[error]Process completed with exit code 1."},
	{`\[OSDC\] Step script exited`, "##[error][OSDC] Step script exited with 1"},
	{`^##\[error\]Executing the custom container implementation failed`, "##[error]Executing the custom container implementation failed. Please contact your self hosted runner administrator."},
	{`^##\[error\]TypeError: Cannot read properties of null \(reading 'jobPod'\)`, "##[error]TypeError: Cannot read properties of null (reading 'jobPod')"},
	{`\[OSDC\] Step cancelled by GitHub Actions`, "##[error][OSDC] Step cancelled by GitHub Actions"},
}

// pytorchNoise returns the dropped lines that a rule would match.
func pytorchNoise(re *regexp.Regexp) []classify.Unless {
	var noise []classify.Unless
	for _, n := range runnerNoise {
		if re.MatchString(n.example) {
			noise = append(noise, classify.Unless{Pattern: n.pattern})
		}
	}
	return noise
}
