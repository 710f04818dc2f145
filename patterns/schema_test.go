package patterns

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// drafts are those as which editors read a schema.
var drafts = []string{
	"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#",
	"https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2020-12/schema",
}

// compileSchema returns the schema as one of a draft.
func compileSchema(t testing.TB, draft string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	doc.(map[string]any)["$schema"] = draft
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("rules.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON returns what a TOML text holds, as an editor checks it: days are texts.
func asJSON(t testing.TB, text string) any {
	t.Helper()
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(daysAsTexts(tree))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func daysAsTexts(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.Location().String() == dayZone {
			return v.Format(time.DateOnly)
		}
	case map[string]any:
		for key, value := range v {
			v[key] = daysAsTexts(value)
		}
	case []map[string]any:
		for _, table := range v {
			daysAsTexts(table)
		}
	case []any:
		for i, value := range v {
			v[i] = daysAsTexts(value)
		}
	}
	return v
}

// TestSchema: the schema takes what Load takes.
func TestSchema(t *testing.T) {
	good := map[string]string{"tested": tested, "benched": benched, "overridden": overridden}
	for _, s := range pack() {
		text, err := s.text()
		if err != nil {
			t.Fatal(err)
		}
		good[s.name] = string(text)
	}
	for _, f := range Fields {
		if e := f.Example; len(e.Cases) > 0 {
			good["example of "+f.Table+"."+f.Name] = e.whole()
			good["later example of "+f.Table+"."+f.Name] = e.Later
		}
	}
	for _, draft := range drafts {
		schema := compileSchema(t, draft)
		for name, text := range good {
			if err := schema.Validate(asJSON(t, text)); err != nil {
				t.Errorf("%s: %s: %v", draft, name, err)
			}
		}
	}
}

// TestSchemaBroken: the schema refuses what is wrong in a way that a schema can
// tell, and takes the rest of the rules with mistakes.
func TestSchemaBroken(t *testing.T) {
	refused := map[string]bool{
		"about": true, "conditions": true, "every-line": true, "evidence": true, "files": true, "globs": true,
		"tests": true, "unknown-key": true, "within": true, "wrong-types": true, "override": true, "hides": true,
	}
	names, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, draft := range drafts {
		schema := compileSchema(t, draft)
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			name = strings.TrimSuffix(filepath.Base(name), ".txtar")
			if name == "syntax" || name == "no-such-day" {
				continue // no TOML
			}
			var first error
			for _, f := range archive.Files {
				if err := schemaError(t, schema, f); err != nil && first == nil {
					first = err
				}
			}
			if (first != nil) != refused[name] {
				t.Errorf("%s: %s: refused: %v, want %v: %v", draft, name, first != nil, refused[name], first)
			}
		}
	}
}

func schemaError(t *testing.T, schema *jsonschema.Schema, f txtar.File) error {
	t.Helper()
	if filepath.Ext(f.Name) != ".toml" {
		return nil
	}
	return schema.Validate(asJSON(t, string(f.Data)))
}

// TestSchemaKeys: the schema refuses a key that is none, in every table, and
// what is of the wrong type, in every key.
func TestSchemaKeys(t *testing.T) {
	holds := map[string]string{
		"file": "%s", "rule": "[[rule]]\n%s", "unless": "[[rule]]\n[[rule.unless]]\n%s", "condition": "[[rule]]\n[[rule.none]]\n%s",
		"context": "[[rule]]\n[rule.context]\n%s", "test": "[[rule]]\n[[rule.test]]\n%s", "override": "[[override]]\n%s",
	}
	schema := compileSchema(t, drafts[1])
	for _, table := range Tables {
		for _, f := range append(tableFields(table.Name), Field{Name: "colour"}) {
			text := strings.Replace(holds[table.Name], "%s", f.Name+" = [[[]]]", 1)
			err := schema.Validate(asJSON(t, text))
			if err == nil || !strings.Contains(err.Error(), "/"+f.Name) && !strings.Contains(err.Error(), "'"+f.Name+"' not allowed") {
				t.Errorf("%s: not refused for %s: %v", text, f.Name, err)
			}
		}
	}
}
