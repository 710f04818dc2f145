//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// A grid has the speeds of each row by contender: one for each round, zero where
// it could not be measured.
type grid map[string]map[string][]speed

// oneCore measures all rows with all contenders.
func (b *bench) oneCore(ctx context.Context, w io.Writer) error {
	rows, contenders := b.rows(), b.contenders()
	if len(rows) == 0 {
		return nil
	}
	speeds := grid{}
	for round := range b.rounds {
		for _, r := range rows {
			b.progress("round %d: %s", round+1, r.name)
			b.measureRow(ctx, speeds, r, turned(contenders, round))
		}
	}
	fmt.Fprintf(w, "\nMB/s on one core\t%s\tCPU", engine)
	for _, c := range contenders[1:] {
		fmt.Fprintf(w, "\t%s\tCPU\tratio", c.name)
	}
	fmt.Fprintln(w, "\tgoal")
	for _, r := range rows {
		printRow(w, r, speeds[r.name], contenders)
	}
	printRelations(w, speeds)
	return ctx.Err()
}

// turned returns the contenders in another order for each round.
func turned(all []contender, round int) []contender {
	n := round % len(all)
	return slices.Concat(all[n:], all[:n])
}

// measureRow measures a row once with each contender. One that fails is noted:
// the others go on.
func (b *bench) measureRow(ctx context.Context, speeds grid, r row, contenders []contender) {
	if speeds[r.name] == nil {
		speeds[r.name] = map[string][]speed{}
	}
	for _, c := range contenders {
		if r.alone && c.name != engine {
			continue
		}
		s, err := c.run(ctx, r)
		if err != nil && ctx.Err() == nil {
			b.note("%s: %s: %v", r.name, c.name, err)
			s = speed{}
		}
		speeds[r.name][c.name] = append(speeds[r.name][c.name], s)
	}
}

// printRow prints a row. The ratio tells how many times as fast the engine is, by
// CPU time where that of both is known.
func printRow(w io.Writer, r row, speeds map[string][]speed, contenders []contender) {
	ours := speeds[engine]
	fmt.Fprintf(w, "%s\t%s\t%s", r.name, figure(medianOf(ours, speed.byWall)), figure(medianOf(ours, speed.byCPU)))
	for _, c := range contenders[1:] {
		its := speeds[c.name]
		cpu := medianOf(its, speed.byCPU)
		by := speed.byCPU
		if cpu == 0 {
			by = speed.byWall
		}
		fmt.Fprintf(w, "\t%s\t%s\t%s", figure(medianOf(its, speed.byWall)), figure(cpu), times(ratio(ours, its, by)))
	}
	fmt.Fprintf(w, "\t%s\n", r.goal)
}

// printRelations prints how rows compare.
func printRelations(w io.Writer, speeds grid) {
	for _, r := range []struct{ name, row, other, goal string }{
		{"1000 rules to 10", "1000 rules", "10 rules", "0.2 ×"},
		{"default packs to as many plain rules", "default packs", "as many of the 1000", "0.6 ×"},
		{"the excerpt, where nothing matches", "300 others, with the excerpt", "300 others, none matches", ""},
		{"the excerpt, where a rule explains", "300 rules, with the excerpt", "300 rules", "1 ×"},
		{"colour in every line", "… with colour in every line", "300 rules, a quarter of the text", "0.5 ×"},
	} {
		one, other := speeds[r.row][engine], speeds[r.other][engine]
		if len(one) > 0 && len(one) == len(other) {
			fmt.Fprintf(w, "%s\t%s\t%s\t\t\t\t%s\n", r.name, times(ratio(one, other, speed.byWall)), times(ratio(one, other, speed.byCPU)), r.goal)
		}
	}
}

func (s speed) byWall() float64 { return s.wall }
func (s speed) byCPU() float64  { return s.cpu }

// ratio returns the median of the ratios of speeds within each round; 0: none.
func ratio(ours, its []speed, by func(speed) float64) float64 {
	var all []float64
	for i := range its {
		if by(its[i]) > 0 {
			all = append(all, by(ours[i])/by(its[i]))
		}
	}
	return median(all)
}

// medianOf returns the median of the speeds that are known; 0: none.
func medianOf(speeds []speed, by func(speed) float64) float64 {
	var all []float64
	for _, s := range speeds {
		if by(s) > 0 {
			all = append(all, by(s))
		}
	}
	return median(all)
}

// median returns the middle of the values, the lower of two, and 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// figure returns a speed as the table has it.
func figure(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 100:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// times returns a ratio as the table has it.
func times(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 10:
		return fmt.Sprintf("%.2f ×", v)
	}
	return fmt.Sprintf("%.0f ×", v)
}
