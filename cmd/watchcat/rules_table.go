package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// leastMessage is the number of columns that the messages of rules get before
// the columns beside them are left out.
const leastMessage = 40

// printRuleTable prints a row a rule. On a terminal the rows have titles and
// are cut, and what overrides did stands below; in a pipe all of a rule is in
// one line, for grep.
func (a *app) printRuleTable(rules []listedRule) error {
	room := a.columns()
	rows := [][]string{}
	if room > 0 && len(rules) > 0 {
		rows = append(rows, []string{"ID", "TAG", "TIER", "STATE", "MESSAGE", "WHERE"})
	}
	for _, r := range rules {
		where := r.Origin
		if room == 0 {
			where = "(" + strings.Join(append([]string{where}, r.changes()...), "; ") + ")"
		}
		rows = append(rows, []string{r.ID, r.Tag, string(r.tier()), r.stateCell(), r.Message, where})
	}
	widths := fitRules(rows, room)
	out := bufio.NewWriter(a.stdout)
	for i, row := range rows {
		fmt.Fprintln(out, tableRow(row, widths))
		if first := len(rows) - len(rules); room > 0 && i >= first {
			for _, change := range rules[i-first].changes() {
				fmt.Fprintln(out, text.Snip("  "+printable(change), room, "…"))
			}
		}
	}
	return out.Flush()
}

// stateCell returns the states of a rule that are worth a word.
func (r *listedRule) stateCell() string {
	words := r.State
	if words[0] == stateOn {
		words = words[1:]
	}
	return strings.Join(words, ",")
}

// changes returns what overrides did to a rule.
func (r *listedRule) changes() []string {
	var out []string
	for _, c := range r.Changes {
		out = append(out, c.String())
	}
	return out
}

// The columns of the table that change with its width.
const (
	tierColumn, stateColumn, messageColumn, whereColumn = 2, 3, 4, 5
)

// fitRules returns the widths of the columns, 0 for one that is left out. The
// messages give way down to leastMessage, then the places and the tiers go.
func fitRules(rows [][]string, room int) []int {
	widths := make([]int, whereColumn+1)
	for i, row := range rows {
		for j, cell := range row {
			if i > 0 || j != stateColumn || room == 0 { // its title alone is no reason for a column
				widths[j] = max(widths[j], text.StringWidthWithoutEscSequences(cell))
			}
		}
	}
	if widths[stateColumn] > 0 && room > 0 {
		widths[stateColumn] = max(widths[stateColumn], len("STATE"))
	}
	if room == 0 {
		return widths
	}
	total := func() int {
		n := -2
		for _, w := range widths {
			if w > 0 {
				n += w + 2
			}
		}
		return n
	}
	natural := widths[messageColumn]
	narrow := func() {
		widths[messageColumn] = max(min(natural, leastMessage), natural-max(0, total()-room))
	}
	for _, column := range []int{whereColumn, tierColumn} {
		if narrow(); total() <= room {
			return widths
		}
		widths[column], widths[messageColumn] = 0, natural
	}
	widths[messageColumn] = max(1, widths[messageColumn]-max(0, total()-room))
	return widths
}

// tableRow returns a row, cut and padded to the widths of its columns.
func tableRow(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		if widths[i] > 0 {
			cell = text.Snip(printable(cell), widths[i], "…")
			b.WriteString(text.Pad(cell, widths[i], ' ') + "  ")
		}
	}
	return strings.TrimRight(b.String(), " ")
}
