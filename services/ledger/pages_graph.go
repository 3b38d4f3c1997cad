package ledger

import (
	"time"

	"commonhub/services/ledger/money"
	"commonhub/web"
)

// graph dresses a course for a reader.
func (c Course) graph(f *web.Frame, label string, kind web.GraphKind) web.Graph {
	g := web.Graph{Label: label, Kind: kind, Across: f.T("ledger.month")}
	for _, s := range c.Spans {
		g.Slots = append(g.Slots, s.called(f))
		if s.daily {
			g.Across = f.T("ledger.day")
		}
	}
	for _, r := range c.Rows {
		values := make([]web.Amount, len(r.Values))
		for i, v := range r.Values {
			values[i] = money.Amount{Minor: v, Unit: c.Unit, Scale: c.scale}
		}
		g.Series = append(g.Series, web.Series{Name: r.called(f), Values: values})
	}
	return g
}

func (s Span) called(f *web.Frame) string {
	if s.daily {
		return f.Date(s.start)
	}
	return f.Month(s.start)
}

func (r Row) called(f *web.Frame) string {
	if r.Of != nil {
		return r.Of.called(f)
	}
	return f.T("ledger.row-" + r.What)
}

// spread dresses balances of households for a reader.
func spread(label string, rows []Having) web.Spread {
	s := web.Spread{Label: label}
	for _, h := range rows {
		s.Rows = append(s.Rows, web.Held{
			Code: h.Code, Value: h.Sum, Down: h.bound(h.Limit.Down, -1), Up: h.bound(h.Limit.Up, 1), Beyond: h.Beyond,
		})
	}
	return s
}

// bound is a limit as a figure beside the balance, nil if there is none.
func (h Having) bound(limit, sign int64) *web.Amount {
	if limit < 0 {
		return nil
	}
	var a web.Amount = h.as(sign * limit)
	return &a
}

// as is another quantity of what somebody has.
func (h Having) as(minor int64) money.Amount {
	return money.Amount{Minor: minor, Unit: h.Sum.Unit, Scale: h.Sum.Scale}
}

// monthName is a month of the books in words, or as it is if it is none.
func monthName(f *web.Frame, month string) string {
	t, err := time.Parse(layout(false), month)
	if err != nil {
		return month
	}
	return f.Month(t)
}
