package gerrit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	gogerrit "github.com/andygrunwald/go-gerrit"
)

var (
	// errPage says that a page for people came in place of an answer.
	errPage = errors.New("a web page came instead of Gerrit's answer: is url the address of Gerrit itself, with its path (such as https://example.org/r/), " +
		"and does the server answer programs without a login page? If it wants to know who asks, put user and HTTP password into the credentials file")
	// errNoAnswer says that what came is not of Gerrit.
	errNoAnswer = errors.New("what came is no answer of Gerrit: is url the address of Gerrit itself, with its path, such as https://example.org/r/?")
)

// restChange is what is used of a change as the REST API sends it. (go-gerrit's
// ChangeInfo has much more, and any field that a later version changes would cost
// the whole change.)
type restChange struct {
	Number        int                     `json:"_number"`
	Project       string                  `json:"project"`
	Branch        string                  `json:"branch"`
	Topic         string                  `json:"topic"`
	Subject       string                  `json:"subject"`
	Owner         account                 `json:"owner"`
	Updated       json.RawMessage         `json:"updated"`
	Revision      string                  `json:"current_revision"`
	Revisions     map[string]restRevision `json:"revisions"`
	Messages      restMessages            `json:"messages"`
	ReviewStarted *bool                   `json:"has_review_started"` // nil: a Gerrit before 2.15
	More          bool                    `json:"_more_changes"`      // behind this one; on the last of an answer
}

type restRevision struct {
	Number int `json:"_number"`
	Commit struct {
		Message string `json:"message"`
	} `json:"commit"`
}

// readPage reads the answer to a question. An error does not void the page: it
// holds what was read until then. A change that makes no sense costs that change
// only.
//
// The format is that of /changes/ in Gerrit's REST API: a line that keeps
// browsers from running what follows, and an array of changes.
func (s *rest) readPage(text []byte, q question) (p page, err error) {
	changes, err := openAnswer(text)
	if err != nil {
		return p, err
	}
	for changes.More() && p.rows < q.limit {
		var raw json.RawMessage
		if err := changes.Decode(&raw); err != nil {
			return p, explainJSON(err)
		}
		s.addChange(&p, raw, q)
	}
	if changes.More() { // from a server that does not heed the limit
		p.more = true
		return p, nil
	}
	if _, err := changes.Token(); err != nil {
		return p, explainJSON(err)
	}
	return p, nil
}

// body returns the JSON of an answer.
func body(text []byte) ([]byte, error) {
	text = bytes.TrimSpace(gogerrit.RemoveMagicPrefixLine(text))
	switch {
	case len(text) == 0 || bytes.HasPrefix([]byte(")]}'"), text):
		return nil, errCut
	case text[0] == '<':
		return nil, errPage
	}
	return text, nil
}

// openAnswer returns the elements of the array that an answer is.
func openAnswer(text []byte) (*json.Decoder, error) {
	text, err := body(text)
	if err != nil {
		return nil, err
	}
	elements := json.NewDecoder(bytes.NewReader(text))
	if first, err := elements.Token(); err != nil || first != json.Delim('[') {
		return nil, errNoAnswer
	}
	return elements, nil
}

// explainJSON tells an answer that ends too early from one that is none.
func explainJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return fmt.Errorf("the answer cannot be read: %w", err)
}

// addChange adds a change to the page, or why it could not be read.
func (s *rest) addChange(p *page, raw []byte, q question) {
	var sent restChange
	p.rows++
	err := explainType(json.Unmarshal(raw, &sent))
	p.more = sent.More
	c := s.change(&sent)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		p.broken = append(p.broken, fmt.Errorf("change %d of the answer cannot be read: %w", q.start+p.rows, err))
		return
	}
	for _, odd := range c.Comments.odd {
		p.problems = append(p.problems, fmt.Errorf("change %d: %w", c.number, odd))
	}
	p.changes = append(p.changes, reported{number: c.number, updated: string(sent.Updated), jobs: q.jobs(c)})
}

// change returns a change in the form in which "gerrit query" would print it.
func (s *rest) change(sent *restChange) *change {
	current := sent.Revisions[sent.Revision]
	return &change{
		Number:        gogerrit.Number(strconv.Itoa(sent.Number)),
		Project:       sent.Project,
		Branch:        sent.Branch,
		Topic:         sent.Topic,
		Subject:       sent.Subject,
		Owner:         sent.Owner,
		URL:           s.changeURL(sent),
		CommitMessage: current.Commit.Message,
		Comments:      messages(sent.Messages),
		current:       max(current.Number, 0),
	}
}

// changeURL returns the address of a change's page, which the API does not tell.
// The short form, up to 2.14, is what Gerrit itself gave then.
func (s *rest) changeURL(sent *restChange) string {
	u := *s.pages
	if sent.ReviewStarted != nil {
		u.Path += "c/" + sent.Project + "/+/"
	}
	u.Path += strconv.Itoa(sent.Number)
	return u.String()
}

// restMessages are the comments on a change as the REST API sends them.
type restMessages messages

// UnmarshalJSON implements json.Unmarshaler. As with messages, what is odd costs
// no other comment, and never fails.
func (m *restMessages) UnmarshalJSON(data []byte) error {
	*m = restMessages(readMessages(data, parseRESTMessage))
	return nil
}

func parseRESTMessage(text []byte) (m message, err error) {
	var sent struct {
		Author   account            `json:"author"`
		Date     gogerrit.Timestamp `json:"date"`
		Message  string             `json:"message"`
		Tag      string             `json:"tag"`
		PatchSet int                `json:"_revision_number"`
	}
	if string(text) == "null" {
		return m, errNull
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		return m, explainType(err)
	}
	return message{
		Timestamp: seconds(sent.Date.Unix()), Reviewer: sent.Author, Message: sent.Message,
		tag: sent.Tag, patchSet: sent.PatchSet,
	}, nil
}
