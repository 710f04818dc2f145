package patterns

import (
	"encoding/json"
	"fmt"
	"slices"
)

// object is a JSON object; it is written with its keys sorted.
type object = map[string]any

// Schema returns a JSON Schema for rule files, by which an editor completes and
// checks them. It is of draft 7, and keeps to what means the same in the drafts
// before and after it, since editors differ in what they know. It knows the
// keys, their types and which exclude one another; what a schema cannot tell,
// such as whether an expression is right, is Load's to say.
func Schema() []byte {
	schema := object{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"title":       "watchcat rules",
		"definitions": object{},
	}
	for _, table := range Tables {
		def := tableSchema(table)
		if table.Name != "file" {
			schema["definitions"].(object)[table.Name] = def
			continue
		}
		for key, value := range def {
			schema[key] = value
		}
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // cannot be: maps, slices and strings
	}
	return append(text, '\n')
}

// tableSchema returns the schema of a table.
func tableSchema(table Table) object {
	properties, required := object{}, []string{}
	for _, f := range tableFields(table.Name) {
		properties[f.Name] = f.schema()
		if f.Needed {
			required = append(required, f.Name)
		}
	}
	def := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		def["required"] = required
	}
	for key, value := range together[table.Name] {
		def[key] = value
	}
	return def
}

// tableFields returns the keys that a table may have: an override has those of a
// rule too.
func tableFields(table string) []Field {
	fields := FieldsOf(table)
	if table != "override" {
		return fields
	}
	for _, f := range FieldsOf("rule") {
		if !slices.ContainsFunc(fields, func(o Field) bool { return o.Name == f.Name }) {
			f.Needed = false
			fields = append(fields, f)
		}
	}
	return fields
}

// has is the schema of what has a key.
func has(key string) object { return object{"required": []string{key}} }

// both is the schema of what has two keys.
func both(a, b string) object { return object{"required": []string{a, b}} }

// together says, for each table, which keys need or exclude one another.
var together = map[string]object{
	"rule": {
		"oneOf": []object{has("pattern"), has("literal")},
		"not": object{
			"required":   []string{"until", "context"},
			"properties": object{"context": object{"required": []string{"after"}, "properties": object{"after": object{"minimum": 1}}}},
		},
	},
	"unless":    {"oneOf": []object{has("pattern"), has("literal")}},
	"condition": {"anyOf": []object{has("file"), has("pattern"), has("literal")}, "not": both("pattern", "literal")},
	"context":   {"anyOf": []object{has("before"), has("after")}},
	"override":  {"not": both("pattern", "literal"), "minProperties": 2},
}

// schema returns the schema of what the key holds.
func (f Field) schema() object {
	s := f.typeSchema()
	s["description"] = f.Meaning
	return s
}

func (f Field) typeSchema() object {
	text := object{"type": "string"}
	switch f.Type {
	case Word:
		return object{"type": "string", "enum": f.Words}
	case Number:
		return f.number()
	case Reach:
		return object{"anyOf": []object{{"type": "string", "enum": f.Words}, f.number()}}
	case Bool:
		return object{"type": "boolean"}
	case Day:
		return object{"type": "string", "format": "date"}
	case Texts:
		return object{"type": "array", "items": text}
	case TextTable:
		return object{"type": "object", "additionalProperties": text}
	case TextsTable:
		return object{"type": "object", "additionalProperties": object{"type": "array", "items": text, "minItems": 1}}
	case SubTable:
		return object{"allOf": []object{f.reference()}}
	case SubTables:
		return object{"type": "array", "items": f.reference()}
	}
	return f.plain()
}

// number returns the schema of an integer.
func (f Field) number() object {
	if f.Range == [2]int{} {
		return object{"type": "integer"}
	}
	return object{"type": "integer", "minimum": f.Range[0], "maximum": f.Range[1]}
}

// reference returns a reference to the schema of a table.
func (f Field) reference() object { return object{"$ref": fmt.Sprintf("#/definitions/%s", f.Of)} }

// plain returns the schema of a text; only in tests it may be empty.
func (f Field) plain() object {
	if f.Table == "test" {
		return object{"type": "string"}
	}
	return object{"type": "string", "minLength": 1}
}
