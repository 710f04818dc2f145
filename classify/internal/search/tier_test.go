package search

import "testing"

// TestTiers looks at what scanners rely on, with the literals of real rules.
func TestTiers(t *testing.T) {
	for _, name := range []string{"10", "100", "300", "1000", "300s"} {
		literals := append(rules(t, name), Literal{Text: "é"})
		for _, sieves := range []bool{false, true} {
			n, sieved := 0, 0
			for _, tier := range tiers(literals, sieves) {
				n += len(tier.literals)
				if tier.sieve != noSieve {
					sieved += len(tier.literals)
				}
				for _, l := range tier.literals {
					if tier.gram < 1 || tier.gram > min(8, tier.span) || tier.span > len(l.Text) || tier.sieve != noSieve && tier.gram > tier.sieve.gram {
						t.Errorf("%s: %q in a tier with windows of %d and grams of %d bytes", name, l.Text, tier.span, tier.gram)
					}
				}
			}
			if n != len(literals) {
				t.Errorf("%s: %d of %d literals are in tiers", name, n, len(literals))
			}
			if sieves != (sieved > 0) {
				t.Errorf("%s: %d literals are sieved; want some: %v", name, sieved, sieves)
			}
		}
	}
}
