package convert

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// node is a value of a YAML file.
type node struct{ *yaml.Node }

// readYAML reads a file that must be a mapping.
func readYAML(f File) (n node, err error) {
	defer func() {
		// Where the parser finds a bug in itself it panics; that costs the file
		// only, as any other mistake does.
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: the YAML parser failed: %v", f.Name, r)
		}
	}()
	var document yaml.Node
	if err := yaml.Unmarshal(f.Text, &document); err != nil {
		return node{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		return node{}, fmt.Errorf("%s: the file is empty", f.Name)
	}
	top := node{document.Content[0]}.follow()
	if top.Kind != yaml.MappingNode {
		return node{}, fmt.Errorf("%s:%d: not a mapping of names to values", f.Name, top.Line)
	}
	return top, nil
}

// follow returns the value that an alias stands for.
func (n node) follow() node {
	for range 100 {
		if n.Node == nil || n.Kind != yaml.AliasNode {
			break
		}
		n.Node = n.Alias
	}
	return n
}

// pair is a key of a mapping, and what belongs to it.
type pair struct {
	key, value node
}

// pairs returns what is in a mapping, in the order of the file.
func (n node) pairs() []pair {
	if n.Node == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var all []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, pair{node{n.Content[i]}, node{n.Content[i+1]}.follow()})
	}
	return all
}

// get returns what a mapping has at a key; there reports whether it has it.
func (n node) get(key string) (value node, there bool) {
	for _, p := range n.pairs() {
		if p.key.Value == key {
			return p.value, true
		}
	}
	return node{}, false
}

// items returns what is in a sequence.
func (n node) items() []node {
	if n.Node == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var all []node
	for _, item := range n.Content {
		all = append(all, node{item}.follow())
	}
	return all
}

// text returns a scalar as it is written; ok is false for anything else, and
// for null.
func (n node) text() (text string, ok bool) {
	if n.Node == nil || n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return "", false
	}
	return n.Value, true
}

// string returns the scalar at a key of a mapping, "" if there is none.
func (n node) string(key string) string {
	value, _ := n.get(key)
	text, _ := value.text()
	return text
}

// truth reports whether the value at a key is true, and where it stands.
func (n node) truth(key string) (line int, yes bool) {
	value, there := n.get(key)
	if !there || value.Kind != yaml.ScalarNode || value.ShortTag() != "!!bool" {
		return 0, false
	}
	var b bool
	if err := value.Decode(&b); err != nil {
		return 0, false
	}
	return value.Line, b
}
