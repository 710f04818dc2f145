package draft

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"maps"

	"github.com/watchcat-ci/watchcat/classify"
)

// A hint is what a line that holds certain words is about.
type hint struct {
	tag string
	re  *regexp.Regexp
}

// about returns a hint.
func about(tag, re string) hint { return hint{tag, regexp.MustCompile(`(?i)` + re)} }

// hints are tried in this order: first what leaves the least doubt.
var hints = sync.OnceValue(func() []hint {
	return []hint{
		about("timeout", `time[d-]?[ -]?out|deadline exceeded|took too long|no output (?:for|in)|exceeded the (?:maximum|time)`),
		about("code", `\b(?:TS|CS|LNK|BC|FS|MSB|C)\d{4}\b|\[E\d{4}\]`),
		about("quality", `^\{(?:file|path)\}[:( )]*[A-Z]{1,6}-?\d{2,5}\b`),
		about("infra", `no space left|disk quota|out of memory|cannot allocate memory|\boom\b|connection (?:refused|reset|closed|aborted|timed)|network is unreachable|no route to host|(?:could not|couldn't|cannot|unable to|failed to) (?:resolve|connect)|name resolution|temporary failure|\b50[0234]\b|service unavailable|bad gateway|no message in|disconnected|ssh|node (?:failure|is offline)|tls handshake|broken pipe|\bkilled\b`),
		about("credentials", `permission denied \(|unauthori[sz]ed|authenticat|forbidden|\b40[13]\b|credential|access key|api key|\btoken (?:is|was|has)|(?:bad|invalid|wrong|missing|expired) (?:token|password|secret)|password|certificate|login|secret|access denied`),
		about("vcs", `\bgit\b|merge conflict|\bconflict \(|clone|checkout|submodule|remote branch|\bref(?:spec|erence)? .*not found|pathspec|rebase|svn|mercurial`),
		about("quality", `\blint|flake8|pylint|rubocop|eslint|jshint|tslint|stylelint|clippy|gofmt|goimports|coverage|code ?style|checkstyle|pep8|\bmd\d{3}|formatt?(?:ed|ing)|violation|trailing whitespace|spelling|undocumented|broken links?|sort(?:ed|ing)\b.*order|severity`),
		about("dependency", `no matching (?:distribution|package|version)|could not (?:find|resolve) (?:a version|dependenc|artifact|gem|package)|unable to locate package|dependenc|unmet|not installable|no matching manifest|version (?:conflict|mismatch|solving)|unresolvable|lockfile|lock file|requirements? |peer dep|npm err|bundler|pip`),
		about("test", `\{test|\btest|\bspec\b|\bexpect(?:ed|s|ing|ation)?\b.*(?:\bbut|\bgot|actual|\bto )|^expect|assert|\bactual\b|--- fail|✗|✘|not ok \d|\bscenario|mocha|jasmine|karma|junit|pytest|failures?:|\bexamples?,`),
		about("configuration", `not installed|(?:unknown|unrecogni[sz]ed|invalid|illegal|unsupported|missing) (?:option|argument|flag|parameter|key|command|task|target|setting|config)|configur|command not found|no such file or directory|permission denied|not executable|no (?:rake|make|gem|docker)file|\.ya?ml\b|no rule to make target|environment variable|usage:`),
		about("code", `undefined|undeclared|undocumented|syntax error|parse error|compil|cannot find symbol|type mismatch|not assignable|no such (?:method|module)|does not (?:exist|compile)|expected .* (?:before|after)|redefin|error:|error\[|exception|segmentation|panic|linker|\bld\b|not found: (?:value|type)|unresolved|traceback|overfull|\binvalid|expected`),
	}
})

// guessTag returns the tag that a message points to, or else the line that it
// is for; sure tells whether there is one.
func guessTag(message, line string) (tag string, sure bool) {
	for _, text := range []string{message, line} {
		for _, h := range hints() {
			if h.re.MatchString(text[:min(len(text), 400)]) {
				return h.tag, true
			}
		}
	}
	return "code", false
}

// generic are words that say that something failed, and not what.
var generic = words("times command aborting abort stop stopping giving gave please see above below retrying again failure returned non zero generated ended")

// tier returns symptom where the words that a pattern asks for only say that
// something failed.
func (s *shape) tier() classify.Tier {
	for i := s.from; i < s.to; i++ {
		t := s.line[i]
		if s.names[i] != "" && t.kind != number && s.names[i] != "command" && s.names[i] != "target" {
			return ""
		}
		if !s.kept[i] || t.kind < word {
			continue
		}
		w := strings.ToLower(t.text)
		if _, common := wordsWorth[w]; t.kind != word || !common && !generic[w] {
			return ""
		}
	}
	return classify.TierSymptom
}

// logicalFile returns the logical name that has a file of the log's name among
// its candidates, "console" if none has.
func logicalFile(log string, files map[string][]string) string {
	base := path.Base(log)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, candidate := range files[name] {
			if ok, _ := path.Match(path.Base(candidate), base); ok {
				return name
			}
		}
	}
	return "console"
}
