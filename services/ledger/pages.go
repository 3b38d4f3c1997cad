package ledger

import (
	"net/http"
	"strconv"

	"commonhub/hub/fault"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/services/ledger/book"
	"commonhub/services/ledger/money"
	"commonhub/web"
)

// Mount registers the pages. Everything can be read by anyone on the network, but for what households write to each other; acting
// needs a member.
func (s *Service) Mount(p *portal.Portal) {
	p.Nav(web.NavItem{Path: "/ledger", Key: "ledger.nav", Icon: "coin", Order: 30})
	p.Today(40, s.today)
	p.Get("/ledger", s.front)
	p.Get("/ledger/entries/:index", s.showEntry)
	p.Post("/ledger/entries/:index/reverse", at(s.postReverse, "/ledger/entries/", "ledger.flash-reversed"), s.entryAgain, portal.Members)
	s.mountCredit(p)
	s.mountFund(p)
	s.mountFiles(p)
	s.mountSettings(p)
	s.mountViews(p)
	s.mountLines(p)
}

func (s *Service) mountCredit(p *portal.Portal) {
	p.Get("/ledger/transfer", s.blankTransfer, portal.Members)
	p.Post("/ledger/transfers", s.postTransfer, s.transferAgain, portal.Members)
	p.Get("/ledger/requests/:index", s.showRequest, portal.Members)
	p.Post("/ledger/requests/:index/agree", at(s.postAgree, "/ledger/entries/", "ledger.flash-given"), s.requestAgain, portal.Members)
	p.Post("/ledger/requests/:index/decline", s.postDecline, s.requestAgain, portal.Members)
}

func (s *Service) mountFund(p *portal.Portal) {
	uploads := portal.Uploads(maxShots, maxShots*maxUpload)
	p.Get("/ledger/expenses", s.listExpenses)
	p.Get("/ledger/expenses/new", s.blankExpense, portal.Members)
	p.Post("/ledger/expenses", s.postExpense, s.expenseFormAgain, portal.Members, uploads)
	p.Get("/ledger/expenses/:index", s.showExpense)
	p.Get("/ledger/expenses/:index/edit", s.editExpense, portal.Members)
	p.Post("/ledger/expenses/:index/edit", s.postMend, s.mendAgain, portal.Members, uploads)
	p.Post("/ledger/expenses/:index/receipts", s.postReceipts, s.expenseAgain, portal.Members, uploads)
	act := func(path, flash string, do func(*portal.Request, uint64) (record.Ref, error)) {
		p.Post("/ledger/expenses/:index/"+path, s.onExpense(do, flash), s.expenseAgain, portal.Members)
	}
	act("approve", "ledger.flash-approved", s.postApprove)
	act("return", "ledger.flash-returned", s.postReturn)
	act("refuse", "ledger.flash-refused", s.postRefuse)
	act("drop", "ledger.flash-dropped", s.postDrop)
	act("pay", "ledger.flash-paid", s.postPay)
	p.Raw(http.MethodGet, "/ledger/receipts/:file", http.HandlerFunc(s.serveReceipt))
}

// indexOf reads which event an address means.
func indexOf(r *portal.Request) (uint64, error) {
	index, err := strconv.ParseUint(r.Param("index"), 10, 63)
	if err != nil || strconv.FormatUint(index, 10) != r.Param("index") {
		return 0, missing()
	}
	return index, nil
}

// at makes an act of a command on the event in the address, which leads to the event that it wrote, below a path.
func at(do func(*portal.Request, uint64) (record.Ref, error), path, flash string) func(*portal.Request) (portal.Outcome, error) {
	return func(r *portal.Request) (portal.Outcome, error) {
		index, err := indexOf(r)
		if err != nil {
			return portal.Outcome{}, err
		}
		ref, err := do(r, index)
		return made(r, ref, path, flash), err
	}
}

// made leads to the page of a new event.
func made(r *portal.Request, ref record.Ref, path, flash string) portal.Outcome {
	id := strconv.FormatUint(ref.Index, 10)
	created := portal.Created{ID: id, URL: r.URL(path + id), Index: ref.Index, Leaf: record.Hex(ref.Leaf)}
	return portal.Outcome{See: path + id, Created: created, Flash: flash}
}

func readerOf(r *portal.Request) Reader {
	return Reader{Member: r.Visitor.Member, Household: r.Visitor.Household, Steward: r.Visitor.Steward}
}

func orderOf(r *portal.Request) Order {
	return Order{Member: r.Visitor.Member, Key: r.Key(), Content: r.Content()}
}

// scaleOf is how amounts of a unit are written. Most units need no look into the books.
func (s *Service) scaleOf(u money.Unit) (scale money.Scale, err error) {
	if scale, known := u.Scale(); known {
		return scale, nil
	}
	err = s.look(Reader{}, func(l sight) error {
		scale = l.Scale(u)
		return nil
	})
	return scale, err
}

// amountOf reads an amount from a form, as people write it in the page's language.
func amountOf(r *portal.Request, scale money.Scale) (int64, error) {
	n, err := money.Parse(r.Form("amount"), scale, money.Mark(r.Lang.Tag))
	if err != nil {
		return 0, fault.Of(err).On("amount")
	}
	return n, nil
}

// called is an account's name in the reader's language; never empty.
func (n Name) called(f *web.Frame) string {
	switch {
	case n.Text != "":
		return n.Text
	case f.Has("ledger.account-" + string(n.Account)):
		return f.T("ledger.account-" + string(n.Account))
	case n.Code != "":
		return n.Code
	}
	return string(n.Account)
}

// labelled is called, with the code behind a name of people's own.
func (n Name) labelled(f *web.Frame) string {
	if n.Text == "" || n.Code == "" {
		return n.called(f)
	}
	return n.Text + " (" + n.Code + ")"
}

func choices(f *web.Frame, names []Name, chosen book.Account) []web.Choice {
	all := []web.Choice{{Label: f.T("ledger.choose"), Chosen: chosen == ""}}
	for _, n := range names {
		all = append(all, web.Choice{Value: n.Code, Label: n.labelled(f), Chosen: n.Account == chosen})
	}
	return all
}
