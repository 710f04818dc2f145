package classify

// A Mark is a mark as the reference tries it: how it ends a step is 'f' for
// failed, 'w' for well, 'u' for unknown, 'i' for ignored.
type Mark struct {
	Pattern string
	Tool    bool
	End     byte
}

// Marks returns the table of marks.
func Marks() []Mark {
	var all []Mark
	for _, m := range marks {
		all = append(all, Mark{m.pattern, m.by == byTool, "fwui"[m.end]})
	}
	return all
}
