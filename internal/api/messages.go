package api

// What travels besides the shapes of package social.

// Failure is the body of a refusal.
type Failure struct {
	Error FailureDetail `json:"error"`
}

// FailureDetail is a social.Error on its way: without its cause, which stays in the log of the home.
type FailureDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// PageLink leads to the page.
type PageLink struct {
	Page string `json:"page"` // the address, for a browser that is signed in
	Link string `json:"link"` // the address that signs a browser in, once, within two minutes
}

// The bodies of requests.
type (
	newComment struct {
		Text string `json:"text"`
	}
	newReaction struct {
		Emoji string `json:"emoji"` // "" takes it back
	}
	newInvite struct {
		LetIn   bool   `json:"let_in"`
		Label   string `json:"label"`
		Seconds int64  `json:"seconds"` // how long it lasts; 0 is the usual time
	}
	inviteAnswer struct {
		Yes bool `json:"yes"`
	}
	inviteCode struct {
		Code string `json:"code"`
	}
	newDeviceName struct {
		Name string `json:"name"`
	}
	deviceRemoval struct {
		Words string `json:"words"` // "" if none are needed
	}
	newPassword struct {
		Password string `json:"password"` // "" removes it
	}
)
