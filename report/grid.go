package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is a table on a terminal that fits into a number of columns. What is
// too wide gives way in a fixed order: first the columns are narrowed to their
// least widths, by rank, then they are left out, by drop. A column that is
// empty in every row is left out at once.
type grid struct {
	columns []column
	rows    []gridRow
	room    int // columns of the terminal
	pen     pen
	untitle bool // leave the titles out
}

type column struct {
	title string
	most  int  // the width it takes, however wide its cells; zero: no limit
	least int  // the width it is narrowed to; zero: it is not narrowed
	rank  int  // the lowest is narrowed first
	drop  int  // the lowest is left out first; zero: never
	fills bool // it takes what the others leave, even above most
	left  bool // what is too wide is cut on the left
	right bool // aligned to the right
}

// A gridRow is one cell a column. Lines below stand under all columns but the
// first, or indented under the only one.
type gridRow struct {
	cells []cell
	below func(room int) []string // nil: none; room is the width of a line
}

type cell struct {
	text  string
	style style
}

// gap is the number of blanks between columns.
const gap = 2

// String returns the grid, each line ended by a newline, or "" if it has no rows.
func (g *grid) String() string {
	if len(g.rows) == 0 {
		return ""
	}
	widths := g.fit()
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Box:     table.BoxStyle{MiddleHorizontal: "─", MiddleSeparator: "──", MiddleVertical: "  "},
		Options: table.Options{SeparateHeader: true, SeparateColumns: true},
	})
	t.SuppressTrailingSpaces()
	t.SetColumnConfigs(g.configs(widths))
	if !g.untitle {
		t.AppendHeader(g.titles(widths))
	}
	for _, r := range g.rows {
		g.appendRow(t, r, widths)
	}
	return t.Render() + "\n"
}

func (g *grid) appendRow(t table.Writer, r gridRow, widths []int) {
	var row table.Row
	total := -gap
	for i, w := range widths {
		if w > 0 {
			row = append(row, g.pen.paint(r.cells[i].style, g.columns[i].trim(r.cells[i].text, w)))
			total += w + gap
		}
	}
	t.AppendRow(row)
	if r.below == nil {
		return
	}
	if len(row) == 1 {
		for _, l := range r.below(total - gap) {
			t.AppendRow(table.Row{strings.TrimRight(strings.Repeat(" ", gap)+l, " ")})
		}
		return
	}
	first := widths[slices.IndexFunc(widths, func(w int) bool { return w > 0 })]
	for _, l := range r.below(total - first - gap) {
		merged := table.Row{""}
		for range row[1:] {
			merged = append(merged, l)
		}
		t.AppendRow(merged, table.RowConfig{AutoMerge: true, AutoMergeAlign: text.AlignLeft})
	}
}

func (g *grid) titles(widths []int) table.Row {
	var row table.Row
	for i, w := range widths {
		if w > 0 {
			row = append(row, g.pen.paint(bold, cut(g.columns[i].title, w)))
		}
	}
	return row
}

func (g *grid) configs(widths []int) []table.ColumnConfig {
	var out []table.ColumnConfig
	for i, w := range widths {
		if w == 0 {
			continue
		}
		c := table.ColumnConfig{Number: len(out) + 1, WidthMin: w}
		if g.columns[i].right {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		out = append(out, c)
	}
	return out
}

func (c *column) trim(s string, w int) string {
	if c.left {
		return cutLeft(s, w)
	}
	return cut(s, w)
}

// fit returns the width of each column, zero for one that is left out.
func (g *grid) fit() []int {
	widths := g.natural()
	for _, i := range g.order(func(c column) int { return c.rank }) {
		if least := g.columns[i].least; least > 0 && widths[i] > least {
			widths[i] = max(least, widths[i]-max(0, g.excess(widths)))
		}
	}
	for _, i := range g.order(func(c column) int { return c.drop }) {
		if g.columns[i].drop > 0 && g.excess(widths) > 0 {
			widths[i] = 0
		}
	}
	if i := slices.IndexFunc(g.columns, func(c column) bool { return c.fills }); i >= 0 && widths[i] > 0 {
		widths[i] = max(1, widths[i]-g.excess(widths))
	}
	return widths
}

// excess returns by how much columns of these widths are too wide together.
func (g *grid) excess(widths []int) int {
	total := -gap
	for _, w := range widths {
		if w > 0 {
			total += w + gap
		}
	}
	return total - g.room
}

// natural returns the widths that the columns take where there is room.
func (g *grid) natural() []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		for _, r := range g.rows {
			widths[i] = max(widths[i], width(clip(r.cells[i].text, enough(g.room))))
		}
		if c.most > 0 {
			widths[i] = min(widths[i], c.most)
		}
		if widths[i] > 0 && !g.untitle {
			widths[i] = max(widths[i], width(c.title))
		}
	}
	return widths
}

// order returns the columns by key.
func (g *grid) order(key func(column) int) []int {
	order := make([]int, len(g.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(key(g.columns[a]), key(g.columns[b])) })
	return order
}

// A style is the parameters of an SGR sequence (ECMA-48, 8.3.117).
type style string

const (
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// A pen paints text if it is true. It asks no environment: its owner has.
type pen bool

func (p pen) paint(s style, text string) string {
	if !p || s == "" || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// indent puts n blanks in front of every line of s that is not blank.
func indent(s string, n int) string {
	blanks := strings.Repeat(" ", n)
	var b strings.Builder
	for l := range strings.Lines(s) {
		if l != "\n" {
			b.WriteString(blanks)
		}
		b.WriteString(l)
	}
	return b.String()
}
