package noticeboard

import (
	"net/http"

	"commonhub/hub/fault"
	"commonhub/hub/photo"
	"commonhub/hub/portal"
	"commonhub/hub/record"
	"commonhub/web"
)

// Mount registers the board's pages. Everything can be read by anyone on the network, apart from words that were meant for
// members; acting needs a member.
func (s *Service) Mount(p *portal.Portal) {
	p.Nav(web.NavItem{Path: "/notices", Key: "notice.nav", Icon: "board", Order: 20})
	p.Today(20, s.today)

	p.Get("/notices", s.list)
	p.Get("/notices/flagged", s.flags, portal.Stewards)
	p.Get("/notices/new", s.blank, portal.Members)
	p.Post("/notices", s.post, s.postAgain, portal.Members, portal.Uploads(maxPhotos, maxPhotos*photo.MaxUpload))
	p.Get("/notices/:id", s.show)
	p.Get("/notices/:id/edit", s.edit, portal.Members)
	p.Post("/notices/:id/edit", s.saveEdit, s.editAgain, portal.Members, portal.Uploads(maxPhotos, maxPhotos*photo.MaxUpload))

	act := func(path string, act func(*portal.Request, ID) (portal.Outcome, error)) {
		p.Post("/notices/:id/"+path, with(act), s.showAgain, portal.Members)
	}
	act("comments", s.postComment)
	act("comments/:comment/erase", s.postUncomment)
	act("comments/:comment/show", s.postShowComment)
	act("claims", s.postClaim)
	act("claims/:claim/release", s.postRelease)
	act("done", s.postDone)
	act("extend", s.postExtend)
	act("withdraw", s.postWithdraw)
	act("restore", s.postRestore)
	act("erase", s.postErase)
	act("flag", s.postFlag)
	act("show", s.postShow)
	for _, path := range []string{"/notices/:id/hide", "/notices/:id/comments/:comment/hide"} {
		p.Get(path, s.hidePage, portal.Stewards)
		p.Post(path, s.postHide, s.hideAgain, portal.Stewards)
	}

	p.Raw(http.MethodGet, "/notices.atom", http.HandlerFunc(s.serveFeed))
	p.Raw(http.MethodGet, "/pictures/:hub/:file", http.HandlerFunc(s.servePicture))
}

// with reads the notice's ID from the path.
func with(act func(*portal.Request, ID) (portal.Outcome, error)) func(*portal.Request) (portal.Outcome, error) {
	return func(r *portal.Request) (portal.Outcome, error) {
		id, err := ParseID(r.Param("id"))
		if err != nil {
			return portal.Outcome{}, err
		}
		return act(r, id)
	}
}

func reader(r *portal.Request) Reader {
	return Reader{Member: r.Visitor.Member, Steward: r.Visitor.Steward}
}

func order(r *portal.Request) Order {
	return Order{Member: r.Visitor.Member, Key: r.Key(), Content: r.Content()}
}

// created is what a script hears of a new event.
func created(r *portal.Request, ref record.Ref, path string) (portal.Created, error) {
	id, ok := idOf(ref.Origin, ref.Leaf)
	if !ok {
		return portal.Created{}, fault.New(fault.Internal, "fault.internal")
	}
	if path == "" {
		path = "/notices/" + id.String()
	}
	return portal.Created{ID: id.String(), URL: r.URL(path), Index: ref.Index, Leaf: record.Hex(ref.Leaf)}, nil
}
