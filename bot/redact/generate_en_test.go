package redact

import (
	"fmt"
	"strings"
)

// english makes one English message.
func (g maker) english() sample {
	data := map[string]func() string{
		"PHONE": g.enPhone, "CARD": g.card, "EMAIL": g.email, "ADDRESS": g.enAddress, "IBAN": g.iban,
		"RRN": func() string { return g.resident("1234") },
		"SSN": func() string {
			return fmt.Sprintf("%03d-%02d-%04d", g.between(1, 665), g.between(1, 99), g.between(1, 9999))
		},
		"ACCOUNT": func() string {
			return g.pick(g.num(9), g.num(10), g.num(12), g.num(4)+"-"+g.num(6), g.num(8), g.num(3)+" "+g.num(4)+" "+g.num(4))
		},
		"PASSPORT": func() string { return g.pick(g.num(9), "A"+g.num(8), "M"+g.num(8), "C"+g.num(7)) },
	}
	other := map[string]func() string{
		"order": func() string {
			return g.pick("112-"+g.num(7)+"-"+g.num(7), "#"+g.num(5), "ORD-"+g.num(6), g.date8()+"-"+g.num(5), g.num(10), "A"+g.num(8), g.num(8), "SO"+g.num(7), g.num(12))
		},
		"track": func() string {
			return g.pick("1Z"+g.num(3)+"AA"+g.num(10), g.num(12), "94"+g.num(20), g.num(4)+" "+g.num(4)+" "+g.num(4), "JD"+g.num(16))
		},
		"price": func() string {
			return g.pick(fmt.Sprintf("$%d.%s", g.between(1, 900), g.num(2)), fmt.Sprintf("$%d,%s", g.between(1, 90), g.num(3)), fmt.Sprintf("%d dollars", g.between(1, 900)), fmt.Sprintf("€%d", g.between(1, 900)), fmt.Sprintf("£%d.50", g.between(1, 900)), fmt.Sprintf("USD %d.00", g.between(1, 9000)))
		},
		"date": func() string {
			return g.pick(fmt.Sprintf("2026-%02d-%02d", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("%02d/%02d/2026", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("%s %d", g.pick("March", "June", "Oct", "December"), g.between(1, 28)), fmt.Sprintf("%d.%d.2026", g.between(1, 28), g.between(1, 12)), fmt.Sprintf("the %dth", g.between(4, 19)), fmt.Sprintf("%02d-%02d-2026", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("2026-%02d-%02d 09:15", g.between(1, 12), g.between(1, 28)))
		},
		"time": func() string {
			return g.pick(fmt.Sprintf("%d pm", g.between(1, 11)), fmt.Sprintf("%d:%02d", g.between(1, 12), g.between(0, 59)), "9-5", "9:00 am - 5:30 pm", fmt.Sprintf("%02d:%02d:%02d", g.between(0, 23), g.between(0, 59), g.between(0, 59)))
		},
		"count": func() string {
			return fmt.Sprintf("%d %s", g.between(1, 40), g.pick("days", "times", "items", "hours", "people", "boxes", "stars", "weeks", "minutes", "pairs", "blocks"))
		},
		"model": func() string {
			return g.pick("SM-G998N", "A3434", "KX-"+g.num(4), "iPhone 17", "v2."+g.num(1)+"."+g.num(2), "RTX 5090", "B07"+g.num(7), "WH-1000XM"+g.num(1))
		},
		"flight": func() string { return g.pick("KE", "UA", "BA") + g.num(3) },
		"code": func() string {
			return g.pick("WELCOME"+g.num(2), g.num(6), "SAVE-"+g.num(4)+"-"+g.num(4), "0"+g.num(11), "978-0-"+g.num(3)+"-"+g.num(5)+"-"+g.num(1))
		},
	}
	s := g.fill(g.pick(enTemplates...), data, other)
	if g.IntN(3) == 0 {
		t := g.fill(g.pick(enTemplates...), data, other)
		shift := len(s.text) + 1
		s.text += g.pick(" ", "\n") + t.text
		for _, p := range t.truth {
			s.truth = append(s.truth, Span{p.Start + shift, p.End + shift, p.Kind})
		}
	}
	return s
}

var enTemplates = strings.Split(`My number is {PHONE} and the order is [order].
Call me at {PHONE} after [time] please
phone: {PHONE}
You can reach me on {PHONE}, thanks
please text {PHONE} when it ships. It was due [date]
my cell is {PHONE}
I already gave you {PHONE} [count] ago!
{PHONE} is the best way to contact me about order [order]
Email {EMAIL} instead
My login is {EMAIL} but it fails after [count]
{EMAIL}
send the receipt for [price] to {EMAIL}.
My card {CARD} was charged [price] twice
You charged {CARD} on [date]
card number {CARD}, the total was [price]
{CARD} got declined at [time]
My SSN is {SSN}
social security number {SSN}, why do you need it?
They asked me for {SSN} and I don't like that
Refund to account number {ACCOUNT} please, [price]
my bank account is {ACCOUNT}, and it has been [count]
acct {ACCOUNT}, refund of [price]
IBAN {IBAN}
please refund [price] to {IBAN}
you can wire it to {IBAN}, thank you
Ship it to {ADDRESS}
My address is {ADDRESS}, and I ordered [count] ago
I live at {ADDRESS}. The parcel [track] never came
please change the delivery address of order [order] to {ADDRESS}
deliver to {ADDRESS} by [date]
We moved to {ADDRESS}; the old one is wrong
passport {PASSPORT}, flight [flight] on [date]
My passport number is {PASSPORT}
resident number {RRN} for the customs form
{EMAIL} or {PHONE}, whichever is easier
Name: Dana Reyes, phone {PHONE}, ship to {ADDRESS}
Where is order [order]?
I want to cancel [order] and get [price] back
order number [order], placed [date] at [time]
tracking number [track] has not moved since [date]
tracking [track] says delivered, it is not here
It has been [count] and I still have nothing
I waited [count] on the road for your driver
I paid [price] for [count], and got [count]
The flight [flight] on [date] at [time] was delayed [count]
coupon [code] does not work on [price]
the code [code] expired on [date]
Is the [model] in stock? I need [count]
My [model] stopped after [count]
You open [time] on [date], right?
I called [count] and was on hold for [count] each time
case [order] has been open for [count]
I ordered [count] in a row and the last one was [price]
it took [count] in the way of nothing
there were [count] at the place and [count] were wrong
reference [order], amount [price], date [date]
I have 3 kids and 2 jobs, [count] is too long
2 more days? You said [count] the first time
Room for 4 people on [date] from [time]
between 1500 and 1800 people got [price]
serial [code], bought [date]
booking [order], [count], [time]
one two three steps and it still fails after [count]
I gave it 5 stars, then 1 star, then [count]
the invoice [order] says [price] but I paid [price]
version [model] broke it at [time]
my item [code] came in 2 boxes`, "\n")
