package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/draft"
	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/testreport"
)

const rulesNewHelp = `Write a first version of a rule for a line of a log, with its tests. LOG is a file,
maybe compressed, a URL, a file in a folder, or ARCHIVE//FILE; LINE is what the
reports print behind the log's name. Of several lines, LINE-LINE, the one that
says most gets the pattern, and the rule shows the others with it.

Words of the line stay; numbers, times, hashes, paths, versions and names are
generalised, and one or two of them are captured for the message. Read the
result before you use it: id, message and tag are guesses.

With --append the rule goes to the end of a rule file, else it is printed.

--try FOLDER tells in which other logs the rule would match, --passing FOLDER the
same for logs of builds that passed, where it must match nothing: a pattern that
does is made stricter, step by step. If that does not help, the rule is not
appended and the exit status is 4.`

// newFlags are the flags of rules new.
type newFlags struct {
	rules       rulesFlag
	format      answerFormat
	rule        draft.Options
	tier        string
	appendTo    string
	try, passed []string
}

func (a *app) rulesNewCommand() *cobra.Command {
	var f newFlags
	c := &cobra.Command{
		Use:   "new LOG:LINE[-LINE]",
		Short: "Write a first version of a rule for a line of a log",
		Long:  rulesNewHelp,
		Example: "  watchcat rules new build.log:120\n" +
			"  watchcat rules new build.log.gz:120-131 --append rules/mine.toml\n" +
			"  watchcat rules new build.log:120 --try failed/ --passing passed/",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("which line? name one as LOG:LINE, such as build.log:120")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.newRule(c.Context(), &f, args[0]) },
	}
	f.rules.add(c)
	f.format.add(c)
	flags := c.Flags()
	flags.StringVar(&f.rule.ID, "id", "", "the rule's `id`")
	flags.StringVar(&f.rule.Tag, "tag", "", "its `tag`")
	flags.StringVar(&f.rule.Message, "message", "", "its `message`; may name captures, {file}")
	flags.StringVar(&f.rule.File, "file", "", "the `file` that it reads: a logical name, a path, a glob")
	flags.StringVar(&f.tier, "tier", "", "cause, or symptom")
	flags.StringVar(&f.appendTo, "append", "", "add the rule to a rule `file`, which is made if it is not there")
	flags.StringArrayVar(&f.try, "try", nil, "tell in which logs of a `folder` it matches; repeatable")
	flags.StringArrayVar(&f.passed, "passing", nil, "the same for a `folder` of logs of builds that passed, where it must match none; repeatable")
	return c
}

// newRule drafts a rule and prints or appends it.
func (a *app) newRule(ctx context.Context, f *newFlags, arg string) error {
	asJSON, err := f.format.asJSON()
	if err != nil {
		return err
	}
	w, err := a.newDraftWork(ctx, f, arg)
	if err != nil {
		return err
	}
	defer w.client.Close()
	d, err := draft.New(ctx, w.lines(ctx), w.first, w.last, f.rule)
	if unfit, ok := errors.AsType[*draft.Unfit](err); ok {
		return usagef("%s: %s", w.job.File, unfit)
	} else if err != nil {
		return fmt.Errorf("read %s: %w", w.job.File, err)
	}
	tries, err := w.tryAll(ctx, d)
	if err != nil {
		return err
	}
	e, err := d.Entry()
	if err != nil {
		return usage(err)
	}
	if err := w.check(e); err != nil {
		return err
	}
	green := slices.ContainsFunc(tries, func(t tried) bool { return t.Passing && t.Logs > 0 })
	drafted := newDrafted(d, e, w.notes(ctx, d, e), tries)
	return cmp.Or(w.write(drafted, asJSON, green), gate(green), w.incomplete, partial(anyUnread(tries)))
}

// draftWork is a line that a rule is wanted for, and what is needed to get it.
type draftWork struct {
	*setup
	app         *app
	flags       *newFlags
	set         *patterns.Set // of all rules that the new one will stand among
	specs       []string      // of set
	job         classify.Job
	file        string // of the job
	reader      classify.Logs
	first, last int
	incomplete  error // some of the rules are wrong, and not in set
}

// newDraftWork finds out what there is to do, and whether it makes sense.
func (a *app) newDraftWork(ctx context.Context, f *newFlags, arg string) (*draftWork, error) {
	w := &draftWork{app: a, flags: f}
	log, err := w.place(arg)
	if err != nil {
		return nil, err
	}
	switch f.tier {
	case "", string(classify.TierCause), string(classify.TierClue), string(classify.TierSymptom):
		f.rule.Tier = classify.Tier(f.tier)
	default:
		return nil, usagef("--tier %q: must be cause, clue or symptom", f.tier)
	}
	conf, err := a.config()
	if err != nil {
		return nil, err
	}
	if w.setup, err = a.setup(conf, &workFlags{rules: f.rules}, access{typed: typedHosts([]string{log}), local: true}); err != nil {
		return nil, err
	}
	w.reader = testreport.Text(w.logs)
	if err := w.loadRules(conf); err != nil {
		return nil, err
	}
	return w, w.open(ctx, log)
}

// linePlace is LOG:LINE or LOG:LINE-LINE.
var linePlace = regexp.MustCompile(`^(.+):(\d{1,9})(?:-(\d{1,9}))?$`)

// place takes the argument apart and returns the log.
func (w *draftWork) place(arg string) (log string, err error) {
	m := linePlace.FindStringSubmatch(arg)
	if m == nil {
		return "", usagef("%q names no line; write LOG:LINE, such as build.log:120, or LOG:LINE-LINE", arg)
	}
	w.first, _ = strconv.Atoi(m[2])
	w.last, _ = strconv.Atoi(cmp.Or(m[3], m[2]))
	if w.first < 1 || w.last < w.first {
		return "", usagef("%q: lines are counted from 1, and the first comes first", arg)
	}
	if m[1] == "-" {
		return "", usagef("standard input is read once only; save it to a file first")
	}
	return m[1], nil
}

// loadRules loads the rules that the new one will stand among: those of the
// flag or the configuration, and those of the file that it is appended to.
func (w *draftWork) loadRules(conf *config) error {
	w.specs = slices.Clone(w.flags.rules.specs(conf))
	if name := w.flags.appendTo; name != "" {
		switch _, err := os.Stat(name); {
		case err == nil:
			w.specs = append(w.specs, name)
		case !errors.Is(err, fs.ErrNotExist):
			return usage(err)
		}
	}
	set, wrong, err := tolerant(patterns.Load(w.specs, patterns.Options{}))
	if err != nil {
		return usage(err)
	}
	w.set, w.incomplete = set, w.app.noteMistakes(wrong)
	o := &w.flags.rule
	if at := w.set.Origin(o.ID); o.ID != "" && at != "" {
		return usagef("--id %q: %s has a rule of this id; choose another", o.ID, at)
	}
	o.Files = w.set.Files
	o.Taken = func(id string) bool { return w.set.Origin(id) != "" }
	return nil
}

// open finds the log.
func (w *draftWork) open(ctx context.Context, log string) error {
	archive, member, inArchive := strings.Cut(log, sources.ArchiveEnd)
	if inArchive = inArchive && sources.IsArchive(archive); !inArchive {
		archive = log
	}
	jobs, problems, err := input(ctx, archive, false)
	if err = cmp.Or(err, errors.Join(problems...)); err != nil {
		return err
	}
	w.job, w.file = jobs[0], member
	folder := strings.HasSuffix(w.job.LogURL, "/")
	switch {
	case folder && !inArchive:
		return usagef("%s holds several logs; name the one and its line, as the report prints it: %s/FILE:%d", log, strings.TrimRight(log, "/"), w.first)
	case !folder:
		u, err := url.Parse(w.job.LogURL)
		if err != nil {
			return err
		}
		w.file = path.Base(u.Path)
	}
	w.flags.rule.Name = w.file
	return nil
}

// lines returns the log that the line is in.
func (w *draftWork) lines(ctx context.Context) draft.Log {
	return func() iter.Seq2[classify.Line, error] {
		return func(yield func(classify.Line, error) bool) {
			r, err := w.reader.Open(ctx, w.job, w.file)
			if err != nil {
				yield(classify.Line{}, err)
				return
			}
			defer r.Close()
			classify.Lines(r)(yield)
		}
	}
}

// check loads the rule as it will be written, among the others.
func (w *draftWork) check(e patterns.Entry) error {
	dir, err := os.MkdirTemp("", "watchcat-new-")
	if err != nil {
		return fmt.Errorf("check the rule: %w", err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "new.toml")
	if err := os.WriteFile(name, format(e), 0o600); err != nil {
		return fmt.Errorf("check the rule: %w", err)
	}
	_, err = patterns.Load(append(slices.Clone(w.specs), name), patterns.Options{})
	wrong, ok := errors.AsType[strict.Mistakes](err)
	if !ok {
		return err
	}
	var what []string
	for _, m := range wrong {
		if m.File == name {
			what = append(what, m.What+"; "+m.Remedy)
		}
	}
	if len(what) > 0 {
		return usagef("the rule would be wrong: %s", strings.Join(what, "\n"))
	}
	return nil
}

// format returns a rule as TOML.
func format(e patterns.Entry) []byte {
	return patterns.Format(patterns.Document{Entries: []patterns.Entry{e}})
}

// notes says what to know of the rule.
func (w *draftWork) notes(ctx context.Context, d *draft.Draft, e patterns.Entry) []string {
	var notes []string
	if r := w.classifier.Log(ctx, w.file, strings.NewReader(e.Tests[0].Log)); len(r.Matches) > 0 {
		m := r.Matches[0]
		notes = append(notes, fmt.Sprintf("rule %s matches there already: %s", m.Rule, m.Message))
	}
	if d.Line != w.first {
		notes = append(notes, fmt.Sprintf("the pattern is for line %d", d.Line))
	}
	if d.Guessed {
		notes = append(notes, fmt.Sprintf("no word of the line tells the tag, %q is a guess: --tag", e.Tag))
	}
	if d.Telling != nil {
		notes = append(notes, fmt.Sprintf("line %d says more: %s", d.Telling.Number, d.Telling.Text))
	}
	if d.Alike > 1 {
		notes = append(notes, fmt.Sprintf("matches %d lines of this log", d.Alike))
	}
	if d.Unlike > 0 {
		notes = append(notes, fmt.Sprintf("of these %d look otherwise", d.Unlike))
	}
	if d.Steps > 0 {
		notes = append(notes, fmt.Sprintf("the pattern matched too much at first and was made stricter, %s", counted(d.Steps, "step")))
	}
	return notes
}

// write prints or appends the rule; a rule that matches in builds that passed
// is not appended.
func (w *draftWork) write(d drafted, asJSON, green bool) error {
	for _, note := range d.Notes {
		w.app.infof("watchcat: %s", note)
	}
	for _, t := range d.Tried {
		w.app.notef("watchcat: %s", t)
	}
	if w.flags.appendTo != "" && !green {
		if err := appendRule(w.flags.appendTo, []byte(d.TOML)); err != nil {
			return err
		}
		w.app.infof("watchcat: added rule %s to %s; try: watchcat rules test %s", d.ID, w.flags.appendTo, w.flags.appendTo)
	}
	switch {
	case asJSON:
		return encoder(w.app.stdout).Encode(d)
	case w.flags.appendTo != "" && !green:
		return nil
	}
	_, err := io.WriteString(w.app.stdout, printable(d.TOML))
	return err
}

// appendRule writes a rule to the end of a file, at once. The file and its
// folder are made if need be.
func appendRule(name string, text []byte) error {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	if len(old) > 0 {
		old = append(bytes.TrimRight(old, "\n"), "\n\n"...)
	}
	return report.ReplaceFile(name, func(out io.Writer) error {
		_, err := out.Write(append(old, text...))
		return err
	})
}
