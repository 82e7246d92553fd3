package redact

import "strings"

// A hint is what the words before a number say it is.
type hint byte

const (
	none hint = iota
	anOrder
	aPhone
	aCard
	anAccount
	aPassport
	aSocial
	aResident
	aLicence
	anAddress
)

// hintReach is how far before a number words are read, in bytes: 20 syllables
// or 60 letters.
const hintReach = 60

// orderReach is how far a word such as order may stand before its number:
// "주문번호는", "order number is: ". Further off it speaks of something else.
const orderReach = 18

// hintWords are in lower case. Where several stand before a number, the one
// nearest to it counts.
var hintWords = [...]struct {
	says  hint
	words []string
}{
	{anOrder, []string{
		"주문", "송장", "운송장", "택배", "접수", "예약", "문의번호", "상품", "모델", "품번", "바코드", "쿠폰", "인증번호", "인증 번호", "티켓", "항공편", "시리얼", "일련번호", "회원번호",
		"사업자", "영수증", "승인번호", "거래번호", "관리번호", "등록번호는 제품", "제품번호", "코드", "참조", "우편번호", "가격", "금액", "버전", "조회번호", "증권번호", "환자번호",
		"order", "tracking", "invoice", "ticket", "case", "ref", "booking", "confirmation", "model", "sku", "item", "product", "coupon", "serial", "barcode", "isbn", "flight", "upc",
		"receipt", "code", "transaction", "reservation", "voucher", "part no", "version", "parcel", "package", "shipment", "member", "imei", "lot", "batch", "approval", "gift card",
	}},
	{aPhone, []string{
		"전화", "연락처", "연락", "핸드폰", "휴대폰", "휴대전화", "폰번", " 번호", "hp", "☎", "문자", "카톡", "직통", "팩스",
		"phone", "call", "cell", "mobile", "text me", "reach me", "reach", "dial", "fax", "tel", "whatsapp", "contact",
	}},
	{aCard, []string{"카드", "visa", "mastercard", "amex", "card"}},
	{anAccount, []string{
		"계좌", "은행", "뱅크", "농협", "국민", "신한", "수협", "새마을금고", "신협", "우체국", "입금", "송금", "예금주", "케이뱅크", "토스", "기업", "우리", "하나", "씨티", "산업", "축협", "통장", "환불받을 곳",
		"account", "acct", "routing", "iban", "bank", "deposit", "sort code", "checking", "savings",
	}},
	{aPassport, []string{"여권", "passport"}},
	{aSocial, []string{"ssn", "social security", "social is", "tax id", "itin"}},
	{aResident, []string{"주민", "외국인등록", "외국인 등록", "rrn", "resident registration", "resident number", "alien registration", "registration number", "생년월일"}},
	{aLicence, []string{"면허", "license", "licence"}},
	{anAddress, []string{
		"주소", "배송지", "받는 곳", "받는곳", "사는 곳", "집은", "댁은", "저희 집", "우리 집", "회사는", "도로명", "수령지", "보내 주", "보내주",
		"address", "live at", "lives at", "living at", "ship to", "ship it to", "ships to", "deliver to", "deliver it to", "shipped to", "delivered to", "moved to", "home is", "send it to", "mail it to", "mail to", "sent to", "located at", "residence", "house is", "office at", "pick up at", "send to", "come to", "apartment is",
	}},
}

// A hintWord is one word and what it says.
type hintWord struct {
	word string
	says hint
}

// hintEnds are the words by their last byte, so that a window is read once from
// its end.
var hintEnds = indexHints()

func indexHints() (ends [256][]hintWord) {
	for _, h := range hintWords {
		for _, w := range h.words {
			last := w[len(w)-1]
			ends[last] = append(ends[last], hintWord{w, h.says})
		}
	}
	return ends
}

// near says what the words before position at say about the number there.
func (f *finder) near(at int) hint {
	if f.hinted == at+1 {
		return f.hint
	}
	from := max(0, at-hintReach)
	if i := strings.LastIndexByte(f.s[from:at], '\n'); i >= 0 && strings.TrimSpace(f.s[from+i:at]) != "" {
		from += i // another line is about something else
	}
	window := " " + lower(f.s[from:at])
	f.hint, f.hinted = none, at+1
	for end := len(window); end > 0; end-- {
		for _, w := range hintEnds[window[end-1]] {
			if strings.HasSuffix(window[:end], w.word) && (w.says != anOrder || beside(window[end:])) {
				f.hint = w.says
				return f.hint
			}
		}
	}
	return f.hint
}

// beside reports whether a word such as order belongs to the number that
// follows the gap.
func beside(gap string) bool {
	return len(gap) <= orderReach && !strings.Contains(gap, "요 ") && !strings.ContainsAny(gap, "\n.!?")
}

// lower is ASCII lower case; it keeps every position.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// bankAfter reports whether the words after a number say that it is an account:
// "110-234-567890 (신한은행 예금주 …)".
func (f *finder) bankAfter(end int) bool {
	window, _, _ := strings.Cut(lower(f.s[end:min(len(f.s), end+36)]), "\n")
	for _, w := range [...]string{"은행", "뱅크", "농협", "예금주", "새마을금고", "신협", "수협", "우체국", "계좌", "bank", "account", "국민", "신한"} {
		if strings.Contains(window, w) {
			return true
		}
	}
	return false
}

// orderAfter reports whether the words after a number say that it is an order:
// "1029384756 주문한 사람인데요".
func (f *finder) orderAfter(end int) bool {
	rest := strings.TrimLeft(strings.TrimPrefix(f.s[end:], "번"), " ")
	return strings.HasPrefix(rest, "주문") || strings.HasPrefix(rest, "송장") || strings.HasPrefix(rest, "예약")
}
