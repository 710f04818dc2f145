package classify

import "bytes"

// words are the words that tell a line that may be the reason from others, with
// what each is worth. Below zero are words of lines that sound worse than they are.
func words() map[string]float64 {
	m := map[string]float64{}
	for _, w := range []struct {
		worth float64
		words string
	}{
		{3, "error err failed fail failure fatal exception traceback panic panicked abort aborted assertion assert segmentation segfault undefined unresolved denied refused killed crashed corrupt"},
		{2, "errors fails failures failing cannot unable missing unexpected invalid timeout timed conflict mismatch dumped unknown unrecognized unsupported incorrect violation broken could incompatible"},
		{1, "expected actual expecting exceeded found such exist exists not got but must should required line declared illegal bad wrong problem unmet unused duplicate"},
		{-1, "warning warn skipped skipping retry retrying info debug note"},
		{-2, "deprecated ignored ignoring deprecationwarning passed ok pass success successfully succeeded downloading downloaded unpacking installing"},
	} {
		for _, word := range bytes.Fields([]byte(w.words)) {
			m[string(word)] = w.worth
		}
	}
	return m
}

var wordWorth = words()

// lineScore returns how much a line looks like the reason of a failure, and
// whether it tells that a command ended with an error.
func lineScore(text []byte) (score float64, exit bool) {
	var word [24]byte
	zero := false
	count := 0
	for i := 0; i < len(text); {
		c := text[i]
		if isDigit(c) {
			start := i
			for i < len(text) && isDigit(text[i]) {
				i++
			}
			zero = i-start == 1 && c == '0'
			continue
		}
		if !isLetter(c) {
			i++
			continue
		}
		start, n := i, 0
		for i < len(text) && isLetter(text[i]) && n < len(word) {
			upper := text[i] <= 'Z'
			if n > 0 && upper && text[i-1] > 'Z' {
				break
			}
			word[n] = text[i] | 0x20
			n++
			i++
		}
		worth := wordWorth[string(word[:n])]
		if worth == 0 {
			continue
		}
		if string(word[:n]) == "no" {
			zero = true
			continue
		}
		if worth >= 2 {
			if zero {
				worth = -2
			} else {
				if i < len(text) && text[i] == ':' {
					worth += 1
				}
				if start < 6 {
					worth += 1
				}
				if i < len(text) && (text[i] == '/' || text[i] == '.' && i+1 < len(text) && isLetter(text[i+1])) || start > 0 && (text[start-1] == '/' || text[start-1] == '-') {
					worth = 0.5
				}
			}
		}
		zero = false
		count++
		if count < 8 {
			score += worth
		}
	}
	exit = isExit(text)
	if exit {
		score = min(score, 1)
	}
	return score, exit
}

func isExit(text []byte) bool {
	for _, m := range []string{"exited with ", "exit code ", "exit status ", "Exit code: ", "exit code: ", "returned a non-zero code: ", "completed with exit code "} {
		if i := bytes.Index(text, []byte(m)); i >= 0 {
			rest := text[i+len(m):]
			return len(rest) > 0 && rest[0] >= '1' && rest[0] <= '9'
		}
	}
	return bytes.Contains(text, []byte("*** [")) || bytes.HasPrefix(text, []byte("npm ERR! Test failed"))
}

// shapeOf returns a hash of text without its digits.
func shapeOf(text []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range text[:min(len(text), 80)] {
		if isDigit(c) {
			continue
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}
