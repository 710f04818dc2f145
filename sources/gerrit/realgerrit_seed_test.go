package gerrit

import (
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/watchcat-ci/watchcat/classify"
)

// realChange is a change that is pushed to a real Gerrit.
type realChange struct {
	project string
	posts   []post

	number  int // once it is pushed
	subject string
	id      string
}

// post is a comment on a change, and the jobs that its author meant. Of these,
// the table gives what the comment says; all else is the change's.
type post struct {
	by       string
	patchSet int // zero: 1
	tag      string
	verified int  // the vote
	unvote   bool // takes back its vote
	inline   bool // with a comment on a line of a file
	message  string
	jobs     []classify.Job

	before, after time.Time // it was posted between these
}

// realProject is a project of a real Gerrit.
type realProject struct {
	branch, topic string
	patchSets     int // of each of its changes
}

var realProjects = map[string]realProject{
	"openstack/nova":  {branch: "master", patchSets: 1},
	"releng/lftools":  {branch: "stable/1.x", topic: "tox", patchSets: 1},
	"tripleo-ansible": {branch: "master", patchSets: 3},
	"big":             {branch: "master", patchSets: 1},
}

// realUsers returns the accounts: CIs, people, and who reads them.
func realUsers(version string) []*realUser {
	robots := "Service Users" // whom the server lets see five changes a page
	if strings.HasPrefix(version, "2.") {
		robots = "Non-Interactive Users"
	}
	return []*realUser{
		{name: "zuul", fullName: "Zuul CI", email: "zuul@example.org"},
		{name: "jenkins", fullName: "Jenkins", email: "jenkins@example.org"},
		{name: "vendor-ci", fullName: "Vendor, Inc. CI", email: "ci@vendor.example.com"},
		{name: "ada", fullName: "Ada Löwe", email: "ada@example.org"},
		{name: "reader", fullName: "A reader", email: "reader@example.org"},
		{name: "robot", fullName: "A robot that reads", email: "robot@example.org", group: robots},
	}
}

// seed makes accounts and projects, pushes the changes and posts the comments.
func (g *realGerrit) seed(t *testing.T, changes []*realChange) {
	t.Helper()
	for _, u := range realUsers(g.version) {
		u.key, u.password = newKey(t), "secret of "+u.name
		command := fmt.Sprintf("gerrit create-account --full-name '%s' --email %s --http-password '%s' --ssh-key -", u.fullName, u.email, u.password)
		if u.group != "" {
			command += fmt.Sprintf(" --group '%s'", u.group)
		}
		g.command(t, "admin", command+" "+u.name, ssh.MarshalAuthorizedKey(signer(t, u.key).PublicKey()))
		g.users[u.name] = u
	}
	for name, project := range realProjects {
		g.command(t, "admin", fmt.Sprintf("gerrit create-project --empty-commit --branch %s %s", project.branch, name), nil)
		g.push(t, name, changes)
	}
	g.number(t, changes)
	for _, c := range changes {
		for i := range c.posts {
			g.post(t, c, &c.posts[i])
		}
	}
}

// push pushes the changes of a project, with all of their patch sets, by HTTP.
func (g *realGerrit) push(t *testing.T, name string, changes []*realChange) {
	t.Helper()
	project, dir, author := realProjects[name], t.TempDir(), g.users["ada"]
	url := fmt.Sprintf("http://%s:%s@%s/a/%s", author.name, strings.ReplaceAll(author.password, " ", "%20"), g.webHost(), name)
	git(t, dir, "", "init", "-q")
	git(t, dir, "", "fetch", "-q", url, project.branch)
	base := strings.TrimSpace(git(t, dir, "", "rev-parse", "FETCH_HEAD"))
	target := "HEAD:refs/for/" + project.branch
	if project.topic != "" {
		target += "%topic=" + project.topic
	}
	for patchSet := range project.patchSets {
		stream := fmt.Sprintf("reset refs/heads/work%d\nfrom %s\n\n", patchSet, base)
		for i, c := range changes {
			if c.project == name {
				stream += c.commit(fmt.Sprintf("refs/heads/work%d", patchSet), i, patchSet)
			}
		}
		git(t, dir, stream, "fast-import", "--quiet")
		git(t, dir, "", "symbolic-ref", "HEAD", fmt.Sprintf("refs/heads/work%d", patchSet))
		git(t, dir, "", "push", "-q", url, target)
	}
}

// commit returns the change's commit in the language of git fast-import.
func (c *realChange) commit(ref string, i, patchSet int) string {
	c.subject = fmt.Sprintf("Change %d: naïve & <b>bold</b>", i)
	c.id = fmt.Sprintf("I%x", sha1.Sum([]byte(c.project+c.subject)))
	text := fmt.Sprintf("patch set %d\n", patchSet+1)
	return fmt.Sprintf("commit %s\ncommitter Ada <ada@example.org> 1750000000 +0000\ndata %d\n%s\nM 644 inline file%d\ndata %d\n%s\n",
		ref, len(c.message()), c.message(), i, len(text), text)
}

func (c *realChange) message() string { return c.subject + "\n\nBecause.\n\nChange-Id: " + c.id + "\n" }

// git runs git, untouched by anybody's configuration, and returns what it printed.
func git(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "http.proxy="}, args...)...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0", "HOME="+dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("git %s: %v: %s", args[0], err, &stderr)
	}
	return stdout.String()
}

// number asks for the numbers that the changes got.
func (g *realGerrit) number(t *testing.T, changes []*realChange) {
	t.Helper()
	numbers := make(map[string]int)
	for line := range strings.Lines(g.command(t, "admin", "gerrit query --format=JSON status:open", nil)) {
		var row struct {
			ID     string
			Number int
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		numbers[row.ID] = row.Number
	}
	for _, c := range changes {
		if c.number = numbers[c.id]; c.number == 0 {
			t.Fatalf("change %q of %s was not made", c.subject, c.project)
		}
	}
}

// post posts one comment.
func (g *realGerrit) post(t *testing.T, c *realChange, p *post) {
	t.Helper()
	p.patchSet = max(p.patchSet, 1)
	review := map[string]any{"message": p.message, "tag": p.tag}
	if p.verified != 0 || p.unvote {
		review["labels"] = map[string]int{"Verified": p.verified}
	}
	if p.inline {
		review["comments"] = map[string]any{"/COMMIT_MSG": []any{map[string]any{"line": 7, "message": "why?"}}}
	}
	input, err := json.Marshal(review)
	if err != nil {
		t.Fatal(err)
	}
	p.before = time.Now()
	g.command(t, p.by, fmt.Sprintf("gerrit review --json %d,%d", c.number, p.patchSet), input)
	p.after = time.Now()
}
