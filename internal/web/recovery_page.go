package web

import (
	"net/http"
	"strconv"
	"strings"

	"kith/internal/social"
)

// recoveryPage says what the recovery words are for.
type recoveryPage struct {
	Shell
	Recovery social.Recovery
}

func (recoveryPage) template() string { return "recovery" }

func (s *Server) getRecovery(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Recovery words", navSettings)
	if err != nil {
		return err
	}
	recovery, err := s.home.Recovery(r.Context())
	if err != nil {
		return err
	}
	shell.Reminder.Due = false // this is the page that it leads to
	return s.page(w, http.StatusOK, recoveryPage{shell, recovery})
}

// wordsPage shows the words, to be written down or printed.
type wordsPage struct {
	Shell
	Words []string
}

func (wordsPage) template() string { return "words" }

func (s *Server) getRecoveryWords(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Your recovery words", navSettings)
	if err != nil {
		return err
	}
	words, err := s.home.RecoveryWords(r.Context())
	if err != nil {
		return err
	}
	shell.Reminder.Due, shell.Door = false, door{} // nothing but the words
	w.Header().Set("Cache-Control", "no-store")    // the words stay on paper, not in the browser
	return s.page(w, http.StatusOK, wordsPage{shell, words})
}

// checkPage asks for three of the words.
type checkPage struct {
	Shell
	Questions []question
}

func (checkPage) template() string { return "check" }

// question is one word that is asked for.
type question struct {
	Position int    // from 0; names the field
	Number   int    // from 1; as a person counts
	Answer   string // what was typed
}

func (s *Server) getRecoveryCheck(w http.ResponseWriter, r *http.Request) error {
	positions, err := s.home.RecoveryQuestions(r.Context())
	if err != nil {
		return err
	}
	var questions []question
	for _, position := range positions {
		questions = append(questions, question{position, position + 1, ""})
	}
	return s.askWords(w, r, http.StatusOK, questions, trouble{})
}

// askWords shows the questions.
func (s *Server) askWords(w http.ResponseWriter, r *http.Request, status int, questions []question, notice trouble) error {
	shell, err := s.shell(r, "Three of your words", navSettings)
	if err != nil {
		return err
	}
	shell.Reminder.Due, shell.Door, shell.Notice = false, door{}, notice
	w.Header().Set("Cache-Control", "no-store")
	return s.page(w, status, checkPage{shell, questions})
}

// maxAnswers bounds the words that are looked at; three are asked for.
const maxAnswers = 24

func (s *Server) postRecoveryCheck(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	answers := make(map[int]string)
	var questions []question
	for _, position := range values["position"][:min(len(values["position"]), maxAnswers)] {
		i, err := strconv.Atoi(position)
		if err != nil {
			return errFormBroken
		}
		answer := strings.ToLower(strings.TrimSpace(values.Get("word-" + position)))
		answers[i] = answer
		questions = append(questions, question{i, i + 1, answer})
	}
	if err := s.home.ConfirmRecovery(r.Context(), answers); err != nil {
		t := explain(err)
		if t.Status != http.StatusUnprocessableEntity {
			return err
		}
		return s.askWords(w, r, t.Status, questions, t)
	}
	return s.done(w, r, "/", "recovered")
}

func (s *Server) postRecoveryLater(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.PutOffRecovery(r.Context()); err != nil {
		return err
	}
	return s.done(w, r, "/", "later")
}
