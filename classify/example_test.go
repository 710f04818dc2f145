package classify_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

func Example() {
	c, err := classify.Compile([]classify.Rule{{
		ID:      "pip-no-matching-distribution",
		Files:   []string{"console"},
		Pattern: `No matching distribution found for (?P<requirement>\S+)`,
		Message: "pip found no distribution for {requirement}",
		Tag:     "dependency",
	}})
	if err != nil {
		log.Fatal(err)
	}
	r := c.Log(context.Background(), "build.log", strings.NewReader("ERROR: No matching distribution found for foo==9.9\n"))
	fmt.Println(r.Outcome, r.Tag+":", r.Reason, "at line", r.Evidence[0].Line)
	// Output: matched dependency: pip found no distribution for foo==9.9 at line 1
}
