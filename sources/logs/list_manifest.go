package logs

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/watchcat-ci/watchcat/sources/internal/index"
)

// Bounds of a list of all files of a job.
const (
	maxManifest  = 32 << 20 // bytes
	maxNames     = 50_000
	maxNameBytes = 16 << 20 // of all names together
	maxPath      = 4 << 10
)

// manifest is a file that tells all files of a job.
type manifest struct {
	name  string // below the job's folder
	parse func([]byte) (*files, error)
}

// buildExpr is the URL of a build of Jenkins, of a job or of one configuration of
// it ("OS=linux").
var buildExpr = regexp.MustCompile(`/job/[^/]+/([^/]+=[^/]*/)?\d+/$`)

// manifestsOf returns the manifests that a folder may have.
func manifestsOf(folder string) []manifest {
	zuul := manifest{"zuul-manifest.json", parseManifest}
	if !buildExpr.MatchString(folder) {
		return []manifest{zuul}
	}
	return []manifest{{"api/json?tree=artifacts%5BrelativePath%5D", parseBuild}, zuul}
}

// node is a file or folder of Zuul's manifest, which the upload roles of
// zuul-jobs write.
type node struct {
	Name     string `json:"name"`
	MIMEType string `json:"mimetype"`
	Children []node `json:"children"`
}

func parseManifest(text []byte) (*files, error) {
	var m struct {
		Tree *[]node `json:"tree"`
	}
	switch err := json.Unmarshal(text, &m); {
	case err != nil:
		return nil, fmt.Errorf("not a manifest: %w", err)
	case m.Tree == nil:
		return nil, errors.New("not a manifest: it has no tree")
	}
	all := &files{}
	all.addTree("", *m.Tree)
	return all, nil
}

func (f *files) addTree(folder string, tree []node) {
	for _, n := range tree {
		path := folder + n.Name
		switch {
		case len(path) > maxPath, !index.IsName(n.Name):
		case n.Children != nil || n.MIMEType == "application/directory":
			f.addTree(path+"/", n.Children)
		default:
			f.add(path)
		}
	}
}

// parseBuild reads the artifacts of a build of Jenkins. They lie below
// artifact/, and beside it is the console.
func parseBuild(text []byte) (*files, error) {
	var build struct {
		Class     string `json:"_class"`
		Artifacts *[]struct {
			Path string `json:"relativePath"`
		} `json:"artifacts"`
	}
	switch err := json.Unmarshal(text, &build); {
	case err != nil:
		return nil, fmt.Errorf("not a build: %w", err)
	case build.Artifacts == nil && build.Class == "":
		return nil, errors.New("not a build: it has no artifacts")
	}
	all := &files{}
	all.add("consoleText")
	if build.Artifacts != nil {
		for _, a := range *build.Artifacts {
			all.add("artifact/" + a.Path)
		}
	}
	return all, nil
}
