package report

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

var shots = flag.String("shots", "", "write screenshots of the page into this folder")

// TestBrowser opens the page in a browser that has no network.
func TestBrowser(t *testing.T) {
	browser := chromium(t)
	evil := classify.Result{Job: hostileJob(`<script>alert(1)</script>`), Outcome: classify.OutcomeUnmatched}
	endless := kinds[0]
	endless.Job = hostileJob(strings.Repeat("endless", 10000/7))
	results := append(sample(60), evil, endless)
	r := New(results, about())

	b := openPage(t, browser, r)
	if diff := cmp.Diff([]string{b.url}, b.requests()); diff != "" {
		t.Errorf("requests of the page (-want +got):\n%s", diff)
	}
	if got := b.messages(); len(got) > 0 {
		t.Errorf("the console says: %q", got)
	}

	if got, want := evaluate[string](t, b, `document.title`), "CI watch: "+r.Summary.headline(); got != want {
		t.Errorf("title is %q, want %q", got, want)
	}
	if got := evaluate[int](t, b, `document.querySelectorAll("article.job").length`); got != len(results) {
		t.Errorf("%d jobs are shown, want %d", got, len(results))
	}
	if got, want := evaluate[int](t, b, `document.querySelectorAll("#tags .bars dt").length`), len(r.Summary.parts()); got != want || want == 0 {
		t.Errorf("%d tags are shown, want %d", got, want)
	}
	c := r.Summary.Counts
	want := []string{fmt.Sprint(c.Today), fmt.Sprint(c.Yesterday), fmt.Sprint(c.LastSevenDays), percent(c.Known, c.Failures)}
	if diff := cmp.Diff(want, evaluate[[]string](t, b, `[...document.querySelectorAll("#numbers .number")].map(e => e.textContent)`)); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	script := evaluate[[]string](t, b, `[...document.querySelectorAll(".job h3")].map(e => e.textContent).filter(s => s.includes("alert"))`)
	if diff := cmp.Diff([]string{`<script>alert(1)</script>`}, script); diff != "" {
		t.Errorf("headings of the job named like a script (-want +got):\n%s", diff)
	}
	if n := evaluate[int](t, b, `document.scripts.length`); n != 0 {
		t.Errorf("the page has %d scripts", n)
	}
	b.checkStyle(t)
	for _, width := range []int64{1280, 768, 360} {
		b.checkWidth(t, width)
	}
}

// checkStyle sees to it that the policy lets both styles in, and that bars are drawn to scale.
func (b *tab) checkStyle(t *testing.T) {
	t.Helper()
	border := evaluate[string](t, b, `getComputedStyle(document.querySelector(".card")).borderTopStyle`)
	job := evaluate[string](t, b, `getComputedStyle(document.querySelector(".job")).display`)
	if border != "solid" || job != "grid" {
		t.Errorf("a card's border is %q and a job's display is %q: the policy keeps the styles out", border, job)
	}
	widths := evaluate[[]float64](t, b, `[...document.querySelectorAll(".bar")].map(e => 100 * e.firstElementChild.getBoundingClientRect().width / e.getBoundingClientRect().width)`)
	if len(widths) == 0 || slices.Max(widths) > 100.5 || slices.Min(widths) < 1 {
		t.Errorf("the bars are %v percent wide", widths)
	}
}

// checkWidth sees to it that nothing makes the page scroll sideways.
func (b *tab) checkWidth(t *testing.T, width int64) {
	t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 800)); err != nil {
		t.Fatal(err)
	}
	b.shoot(t, fmt.Sprintf("light-%d.png", width))
	evaluate[chromedp.Void](t, b, `document.querySelectorAll("details").forEach(e => e.open = true)`)
	if got := evaluate[int64](t, b, `document.documentElement.scrollWidth`); got > width {
		t.Errorf("on a screen of %d the page is %d wide", width, got)
	}
	b.shoot(t, fmt.Sprintf("open-%d.png", width))
	evaluate[chromedp.Void](t, b, `document.querySelectorAll("details").forEach(e => e.open = false)`)
}

// TestBrowserDark sees to it that the page is dark where the reader's system is.
func TestBrowserDark(t *testing.T) {
	b := openPage(t, chromium(t), New(sample(20), about()))
	background := func(scheme string) string {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		if err != nil {
			t.Fatal(err)
		}
		return evaluate[string](t, b, `getComputedStyle(document.body).backgroundColor`)
	}
	light, dark := background("light"), background("dark")
	b.shoot(t, "dark.png")
	if diff := cmp.Diff([]string{"rgb(255, 255, 255)", "rgb(33, 37, 41)"}, []string{light, dark}); diff != "" {
		t.Errorf("backgrounds in the light and in the dark (-want +got):\n%s", diff)
	}
}

// chromium returns the path of a browser, or ends the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const remedy = "no chromium: make test-deps (apt-get install chromium)"
	if os.Getenv("CI") == "true" {
		t.Fatal(remedy)
	}
	t.Skip(remedy)
	return ""
}

// A tab shows one page, and keeps what the page asked for and said.
type tab struct {
	ctx context.Context
	url string

	mu    sync.Mutex
	asked []string
	said  []string
}

func openPage(t *testing.T, browser string, r *Report) *tab {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "index.html")
	if err := ReplaceFile(file, r.WriteHTML); err != nil {
		t.Fatal(err)
	}
	b := &tab{ctx: startBrowser(t, browser, dir), url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	if err := chromedp.Listen(b.ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(b.ctx, network.Enable, network.EnableParams{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{URLPattern: "", Offline: true, DownloadThroughput: -1, UploadThroughput: -1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.url)); err != nil {
		t.Fatalf("open %s: %v", b.url, err)
	}
	return b
}

// startBrowser starts a browser that keeps all its files in dir, and ends it with the test.
func startBrowser(t *testing.T, browser, dir string) context.Context {
	t.Helper()
	// Not t.Context: that ends before the browser could tidy up.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(browser), chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.Env("HOME="+dir),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
	})
	return ctx
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") { // which is no request but part of the page
			b.asked = append(b.asked, e.Request.URL)
		}
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, fmt.Sprint(e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text)
	}
}

func (b *tab) requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.asked)
}

func (b *tab) messages() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

// evaluate returns the value of an expression.
func evaluate[T any](t *testing.T, b *tab, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// shoot writes a screenshot of the whole page, if -shots asks for it.
func (b *tab) shoot(t *testing.T, name string) {
	t.Helper()
	if *shots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(*shots, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name), png, 0o666); err != nil {
		t.Fatal(err)
	}
}

// hostileJob returns a job that has text in every field.
func hostileJob(text string) classify.Job {
	return classify.Job{File: text, ID: text, Name: text, Source: text, Server: text, Reporter: text, Project: text, Branch: text, Topic: text,
		Pipeline: text, Owner: text, Subject: text, CommitMsg: text, Result: text, Detail: text, URL: text, LogURL: text, ChangeURL: text,
		Change: 7, PatchSet: 2, Time: now}
}
