package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kith/internal/social"
)

const (
	// dialTimeout is how long the connection may take; the home is on the same machine.
	dialTimeout = 3 * time.Second

	// maxAnswer bounds an answer. A page of a feed with many comments has some hundreds of kilobytes.
	maxAnswer = 64 << 20
)

// Client talks to a running home. It is safe for concurrent use. Close frees its connections.
//
// Its methods return *social.Error for what the home refuses, and ErrNotRunning if no home answers.
type Client struct {
	endpoint Endpoint
	http     *http.Client
}

// Open returns a client for the home that runs in a folder, or ErrNotRunning if there is no sign of one. Whether it
// still answers shows at the first request.
func Open(folder string) (*Client, error) {
	e, err := ReadEndpoint(folder)
	if err != nil {
		return nil, err
	}
	return NewClient(e), nil
}

// NewClient returns a client for a home.
func NewClient(e Endpoint) *Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &Client{
		endpoint: e,
		http: &http.Client{
			Transport: &http.Transport{ // without a proxy: the token is for this machine
				DialContext:     dialer.DialContext,
				IdleConnTimeout: time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close frees the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Page is the address of the home's page.
func (c *Client) Page() string { return c.endpoint.Page + "/" }

// Status returns how the home is.
func (c *Client) Status(ctx context.Context) (social.Status, error) {
	return get[social.Status](ctx, c, "status")
}

// Profile returns what the owner says of themselves.
func (c *Client) Profile(ctx context.Context) (social.Profile, error) {
	return get[social.Profile](ctx, c, "profile")
}

// PageLink returns an address that signs a browser in once.
func (c *Client) PageLink(ctx context.Context) (PageLink, error) {
	return ask[PageLink](ctx, c, http.MethodPost, "page", nil)
}

// ResetPassword sets the password of the page, or removes it if new is "", and ends all sessions.
func (c *Client) ResetPassword(ctx context.Context, new string) error {
	return c.do(ctx, http.MethodPut, "password", newPassword{new})
}

// Stop asks the home to stop. It returns when the home has heard it.
func (c *Client) Stop(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "stop", nil)
}

// Feed returns a page of everyone's posts, newest first, from a cursor on ("" for the newest). A limit of 0 is the usual
// number.
func (c *Client) Feed(ctx context.Context, cursor string, limit int) (social.Feed, error) {
	return get[social.Feed](ctx, c, "feed"+pageQuery(cursor, limit))
}

// Wall is Feed with one person's wall only.
func (c *Client) Wall(ctx context.Context, person, cursor string, limit int) (social.Feed, error) {
	return get[social.Feed](ctx, c, "people/"+url.PathEscape(person)+"/wall"+pageQuery(cursor, limit))
}

func pageQuery(cursor string, limit int) string {
	q := url.Values{}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Post returns a post with all its comments.
func (c *Client) Post(ctx context.Context, id string) (social.Post, error) {
	return get[social.Post](ctx, c, "posts/"+url.PathEscape(id))
}

// CommentByID returns a comment.
func (c *Client) CommentByID(ctx context.Context, id string) (social.Comment, error) {
	return get[social.Comment](ctx, c, "comments/"+url.PathEscape(id))
}

// Comment comments on a post.
func (c *Client) Comment(ctx context.Context, post, text string) (social.Comment, error) {
	return ask[social.Comment](ctx, c, http.MethodPost, "posts/"+url.PathEscape(post)+"/comments", newComment{text})
}

// React sets the owner's reaction to a post or comment; "" takes it back.
func (c *Client) React(ctx context.Context, target, emoji string) error {
	return c.do(ctx, http.MethodPut, "entries/"+url.PathEscape(target)+"/reaction", newReaction{emoji})
}

// Delete deletes a post or comment.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "entries/"+url.PathEscape(id), nil)
}

// Friends returns the friends.
func (c *Client) Friends(ctx context.Context) ([]social.Person, error) {
	return get[[]social.Person](ctx, c, "friends")
}

// Person returns one person.
func (c *Client) Person(ctx context.Context, id string) (social.Person, error) {
	return get[social.Person](ctx, c, "people/"+url.PathEscape(id))
}

// Unfriend ends a friendship.
func (c *Client) Unfriend(ctx context.Context, person string) error {
	return c.do(ctx, http.MethodDelete, "friends/"+url.PathEscape(person), nil)
}

// Invite makes an invite. Its duration is rounded up to seconds.
func (c *Client) Invite(ctx context.Context, o social.InviteOptions) (social.Invite, error) {
	return ask[social.Invite](ctx, c, http.MethodPost, "invites",
		newInvite{LetIn: o.LetIn, Label: o.Label, Seconds: int64((o.For + time.Second - 1) / time.Second)})
}

// Invites returns the invites that the owner made.
func (c *Client) Invites(ctx context.Context) ([]social.Invite, error) {
	return get[[]social.Invite](ctx, c, "invites")
}

// RevokeInvite takes an invite back.
func (c *Client) RevokeInvite(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "invites/"+url.PathEscape(id), nil)
}

// AnswerInvite says yes or no to somebody who used an invite.
func (c *Client) AnswerInvite(ctx context.Context, id string, yes bool) error {
	return c.do(ctx, http.MethodPost, "invites/"+url.PathEscape(id)+"/answer", inviteAnswer{yes})
}

// Inspect asks the inviter's home what an invite is.
func (c *Client) Inspect(ctx context.Context, code string) (social.Greeting, error) {
	return ask[social.Greeting](ctx, c, http.MethodPost, "greeting", inviteCode{code})
}

// Accept accepts an invite.
func (c *Client) Accept(ctx context.Context, code string) (social.Acceptance, error) {
	return ask[social.Acceptance](ctx, c, http.MethodPost, "acceptances", inviteCode{code})
}

// Acceptances returns the invites that were accepted, and what became of them.
func (c *Client) Acceptances(ctx context.Context) ([]social.Acceptance, error) {
	return get[[]social.Acceptance](ctx, c, "acceptances")
}

// DropAcceptance gives up on an invite that was accepted.
func (c *Client) DropAcceptance(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "acceptances/"+url.PathEscape(id), nil)
}

// get asks for something.
func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return ask[T](ctx, c, http.MethodGet, path, nil)
}

// ask sends a request, with a body of JSON if there is one, and reads the answer.
func ask[T any](ctx context.Context, c *Client, method, path string, body any) (answer T, err error) {
	resp, err := c.sendJSON(ctx, method, path, body)
	if err != nil {
		return answer, err
	}
	return readAnswer[T](resp)
}

// do sends a request whose answer has nothing to say.
func (c *Client) do(ctx context.Context, method, path string, body any) error {
	resp, err := c.sendJSON(ctx, method, path, body)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *Client) sendJSON(ctx context.Context, method, path string, body any) (*http.Response, error) {
	if body == nil {
		return c.send(ctx, method, path, "", nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, method, path, "application/json", bytes.NewReader(text))
}

// send sends a request and returns an answer that is not a refusal. The caller closes its body.
func (c *Client) send(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.endpoint.Page+Prefix+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.endpoint.Token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, unanswered(ctx, err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// unanswered says why a request got no answer.
func unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return ErrNotRunning // the file is of a home that did not get to remove it
	}
	var known *social.Error
	if errors.As(err, &known) {
		return known // of a photo that could not be read while it was being sent
	}
	return &social.Error{Code: social.CodeInternal, Err: err,
		Message: "The home in this folder stopped before it answered. What it had acknowledged before is safe."}
}

// refusal reads why a request was refused.
func refusal(resp *http.Response) error {
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusMisdirectedRequest {
		// Another program answers on a port that was this home's: each start makes a new token.
		return ErrNotRunning
	}
	var f Failure
	if isJSON(resp) {
		err := json.NewDecoder(io.LimitReader(resp.Body, maxJSON)).Decode(&f)
		if _, known := outcomes[f.Error.Code]; err == nil && known {
			return &social.Error{Code: f.Error.Code, Message: f.Error.Message}
		}
	}
	return &social.Error{Code: social.CodeInternal, Err: fmt.Errorf("api: %s", resp.Status),
		Message: "What answers for this home is not kith, or another version of it. Stop kith in this folder and start it again."}
}

func readAnswer[T any](resp *http.Response) (answer T, err error) {
	defer resp.Body.Close()
	if !isJSON(resp) {
		return answer, refusal(resp)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return answer, unanswered(resp.Request.Context(), err)
	}
	return answer, nil
}

func isJSON(resp *http.Response) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && strings.HasSuffix(kind, "json")
}
