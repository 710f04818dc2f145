package patterns

import (
	"fmt"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// Field is a key of rule files: the one definition of what it means. The package
// comment, "watchcat help rules" and the JSON Schema are made of it.
type Field struct {
	Table   string // the table it stands in, as Tables names it
	Name    string // of a table in which any name may stand, what stands for it: "NAME"
	Type    Type
	Of      string   // of SubTable and SubTables: what table that is
	Needed  bool     // the table must have it
	Meaning string   // in whole sentences
	Words   []string // of Word and Reach: those that may stand there
	Range   [2]int   // of Number and Reach: the least and the most; both 0: any
	Example Example
}

// Type says what a key holds.
type Type int

// The types.
const (
	Text       Type = iota
	Pattern         // a regular expression
	Word            // one of Field.Words
	Number          // an integer
	Reach           // one of Field.Words, or an integer
	Bool            // true or false
	Day             // a date without time
	Texts           // an array of strings
	TextTable       // a table of strings, by any name
	TextsTable      // a table of arrays of strings, by any name
	SubTable        // a table
	SubTables       // an array of tables
)

// String names a type for people.
func (t Type) String() string {
	return [...]string{
		"text", "regular expression", "word", "number", "word or number", "true or false", "day",
		"list of texts", "table of texts", "table of lists of texts", "table", "list of tables",
	}[t]
}

// Example shows what a key does. What a rule in it lacks of what every rule has
// is: file = "console", message = "match", and some id and tag.
type Example struct {
	Rules string // TOML: the keys of a rule, or whole rules
	Later string // TOML: a file that is named after that one; may be empty
	Cases []Case
}

// Case is a job, and what an example's rules make of it.
type Case struct {
	Log     string            // the rules' file
	Files   map[string]string // other files, by the names that conditions give them
	Job     classify.Job
	Verdict string // the message of the reason; "": there is none
	Lines   string // the lines that are shown, "2-4", where that matters
}

// Table is a kind of table in rule files.
type Table struct {
	Name  string // as Field.Table has it
	Title string // as a heading
	About string // a sentence that leads to its fields
}

// Tables are the kinds of tables in rule files, the outermost first.
var Tables = []Table{
	{"file", "A rule file", "A rule file is TOML and has some of these:"},
	{"rule", "A rule", "A [[rule]] says what a line means that stands in the logs of a failed job:"},
	{"unless", "An element of unless", "It has either pattern or literal:"},
	{"condition", "A condition", "An element of all or none has a file, or either pattern or literal, or both:"},
	{"context", "The context of a match", "It has one of these at least:"},
	{"test", "A test", "A [[rule.test]] stands below its rule; \"watchcat rules test\" runs it:"},
	{"override", "An override", "An [[override]] changes a rule of a file that is named earlier. Besides these it has keys of a rule, which replace the rule's own: lists as a whole, a pattern a literal and the other way round, tests all tests. One that changes the message gives new tests too."},
}

// Fields are the keys of rule files, table by table, each in the order in which
// they are best written.
var Fields = slices.Concat(fileFields, ruleFields, aroundFields, evidenceFields, jobFields, aboutFields, nestedFields, testFields, overrideFields)

// FieldsOf returns the keys of a table.
func FieldsOf(table string) []Field {
	var of []Field
	for _, f := range Fields {
		if f.Table == table {
			of = append(of, f)
		}
	}
	return of
}

// Kind says what the key holds: "list of texts", `"first" or "last"`, "number
// from 0 to 100".
func (f Field) Kind() string {
	var quoted []string
	for _, word := range f.Words {
		quoted = append(quoted, fmt.Sprintf("%q", word))
	}
	words, numbers := strings.Join(quoted, ", "), "number"
	if f.Range != [2]int{} {
		numbers = fmt.Sprintf("number from %d to %d", f.Range[0], f.Range[1])
	}
	switch f.Type {
	case Word:
		return strings.Join(quoted, " or ")
	case Reach:
		return words + " or a " + numbers
	case Number:
		return numbers
	}
	return f.Type.String()
}
