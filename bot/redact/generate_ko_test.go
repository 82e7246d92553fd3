package redact

import (
	"fmt"
	"strings"
)

// korean makes one Korean message.
func (g maker) korean() sample {
	data := map[string]func() string{
		"RRN": func() string { return g.resident("1234") }, "FRN": func() string { return g.resident("5678") },
		"PHONE": g.koPhone, "CARD": g.card, "EMAIL": g.email, "ACCOUNT": g.koAccount, "ADDRESS": g.koAddress,
		"PASSPORT": func() string { return g.pick("M"+g.num(8), "M"+g.num(3)+"A"+g.num(4), "S"+g.num(8)) },
		"LICENCE":  func() string { return fmt.Sprintf("%d-%s-%s-%s", g.between(11, 28), g.num(2), g.num(6), g.num(2)) },
		"SSN":      func() string { return g.num(3) },
	}
	other := map[string]func() string{
		"order": func() string {
			return g.pick(g.date8()+"-"+g.num(7), g.date8()+g.num(6), "ORD-"+g.num(4)+"-"+g.num(6), "A"+g.num(9), g.num(10), "KR"+g.num(9), g.num(5), "2026-"+g.num(8), g.num(3)+"-"+g.num(7)+"-"+g.num(7))
		},
		"track": func() string {
			return g.pick(g.num(12), g.num(10), g.num(13), g.num(4)+"-"+g.num(4)+"-"+g.num(4), g.num(14), g.num(4)+" "+g.num(4)+" "+g.num(4))
		},
		"price": func() string {
			return g.pick(fmt.Sprintf("%d,%s원", g.between(1, 999), g.num(3)), g.num(5)+"원", fmt.Sprintf("%d만 %s천원", g.between(1, 90), g.num(1)), fmt.Sprintf("₩%d,%s,%s", g.between(1, 9), g.num(3), g.num(3)), fmt.Sprintf("%d만원", g.between(1, 300)), g.num(7)+"원", fmt.Sprintf("$%d.99", g.between(1, 400)))
		},
		"date": func() string {
			return g.pick(fmt.Sprintf("%d월 %d일", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("2026-%02d-%02d", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("2025.%02d.%02d", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("2026년 %d월 %d일", g.between(1, 12), g.between(1, 28)), fmt.Sprintf("%d/%d", g.between(1, 12), g.between(1, 28)), g.date8(), fmt.Sprintf("2026-%02d-%02d 14:%s", g.between(1, 12), g.between(1, 28), g.pick("05", "30")))
		},
		"time": func() string {
			return g.pick(fmt.Sprintf("오후 %d시", g.between(1, 11)), fmt.Sprintf("%02d:%02d", g.between(0, 23), g.between(0, 59)), fmt.Sprintf("%d시 %d분", g.between(1, 12), g.between(1, 59)), "09:00-18:00", fmt.Sprintf("%d시간", g.between(1, 48)))
		},
		"count": func() string {
			return fmt.Sprintf("%d%s", g.between(1, 40), g.pick("개", "번", "명", "일", "켤레", "회", "장", "주", "박스", "개월", "kg", "%"))
		},
		"model": func() string {
			return g.pick("SM-G998N", "A3434", "KX-"+g.num(4), "iPhone 17", "v2."+g.num(1)+"."+g.num(2), "RTX 5090", "B07"+g.num(7), "LG-"+g.num(5)+"-"+g.num(3))
		},
		"flight": func() string { return g.pick("KE", "OZ", "7C") + g.num(3) },
		"code": func() string {
			return g.pick("WELCOME"+g.num(2), g.num(6), "SAVE-"+g.num(4)+"-"+g.num(4), "880"+g.num(10))
		},
		"name": func() string { return g.pick("김민수", "이하늘", "박소라", "최지우") },
		"bank": func() string {
			return g.pick("국민은행", "신한은행", "우리은행", "하나은행", "농협", "카카오뱅크", "토스뱅크", "새마을금고", "기업은행", "우체국", "SC제일은행", "신한", "국민")
		},
	}
	s := g.fill(g.pick(koTemplates...), data, other)
	if g.IntN(3) == 0 {
		t := g.fill(g.pick(koTemplates...), data, other)
		shift := len(s.text) + 1
		s.text += g.pick(" ", "\n") + t.text
		for _, p := range t.truth {
			s.truth = append(s.truth, Span{p.Start + shift, p.End + shift, p.Kind})
		}
	}
	return s
}

func (g maker) date8() string {
	return fmt.Sprintf("202%d%02d%02d", g.between(3, 6), g.between(1, 12), g.between(1, 28))
}

var koTemplates = strings.Split(`제 번호는 {PHONE}예요. 주문은 [order]입니다.
{PHONE}로 연락 주세요
연락처 {PHONE}, [time] 이후에 전화 주세요
전화번호: {PHONE}
{PHONE}
[order] 주문한 사람인데요 {PHONE} 으로 문자 주세요
핸드폰{PHONE}이고요 [count] 주문했어요
엄마 번호가 {PHONE}인데 거기로 배송 연락 주시면 안 될까요?
010으로 시작하는 {PHONE} 입니다. [price] 환불해 주세요
주민번호 {RRN} 입니다
본인 확인 때문에 {RRN} 보냅니다. 생일은 [date]
{RRN}
제 주민등록번호 뒷자리까지 쓰면 {RRN} 이거 맞죠? [price]이나 냈는데
외국인등록번호는 {FRN} 이에요
등록번호 {FRN}로 조회해 주세요
{FRN} 로 가입했습니다. [date]에요
카드번호 {CARD} 로 [price] 결제됐어요
{CARD} 이 카드로 두 번 결제됐습니다. [date] [time]
[date]에 {CARD}로 긁혔는데 [price]이에요
결제 카드는 {CARD}이고 승인 시각은 [time]입니다
이메일 {EMAIL} 로 보내 주세요
{EMAIL}으로 영수증 부탁드려요. 금액은 [price]입니다
메일은{EMAIL}이에요
아이디가 {EMAIL} 인데 로그인이 [count]째 안 돼요
환불 계좌는 [bank] {ACCOUNT} [name]입니다
[bank] {ACCOUNT} 로 입금해 주세요, [price]입니다
계좌번호 {ACCOUNT} ([bank])
[bank] 계좌 {ACCOUNT} 예금주 [name]
환불은 {ACCOUNT} [bank] [name] 으로 부탁드립니다
통장 {ACCOUNT}로 [price] 보내 주세요
주소는 {ADDRESS}입니다
배송지를 {ADDRESS}로 바꿔 주세요. 주문번호 [order]
{ADDRESS}에 사는데 [count]째 안 와요
받는 곳: {ADDRESS} / 받는 사람 [name]
{ADDRESS}으로 보내 주세요. [date]까지요
이사해서 {ADDRESS} 여기로 받고 싶어요. [time] 전에 될까요?
[name] {PHONE} {ADDRESS}
여권번호 {PASSPORT} 이고 [flight]편 예약했어요
여권은 {PASSPORT}입니다. 출발은 [date] [time]
운전면허 {LICENCE} 로 인증했는데 안 돼요
면허번호는 {LICENCE}예요
이름 [name], 전화 {PHONE}, 메일 {EMAIL}, 주소 {ADDRESS}
{PHONE} / {EMAIL}
[bank] {ACCOUNT}, 연락처 {PHONE}
주문번호 [order] 언제 오나요?
주문 [order] 취소하고 [price] 환불해 주세요
[order] 이거 배송 조회가 안 돼요
운송장 [track] 인데 [date]부터 그대로예요
송장번호는 [track]입니다
택배 [track] 어디 있나요? [count]이나 지났어요
[date] [time]에 도착한다더니 아직도 안 왔어요
[price]짜리를 [count] 샀는데 [price]만 환불됐네요
앞으로 [count] 남았다는데 진짜로 [count] 걸리나요?
카드로 [count] 나눠서 [price] 냈어요
전화로 [count] 문의했는데 답이 없어요
서울로 [count] 보내는 택배가 [price]이나 하나요?
쿠폰 [code] 가 안 먹혀요
인증번호 [code] 라고 왔는데 틀렸대요
바코드 [code] 찍어도 안 나와요
모델명 [model] 재고 [count] 있나요
[flight]편 [date] [time] 출발 맞나요
영업시간이 [time] 맞아요? [date]에도 해요?
이 제품 [model] 은 [count] 뒤에 [count]나 고장 났어요
우리 [count] 다 같이 갈 건데 [price] 맞죠?
제가 [count] 시켰는데 [count]만 왔어요
빨리 [count] 안에 처리해 주세요. 벌써 [count]이나 기다렸어요
버전 [model]로 올리고 나서 [count] 멈췄어요
하나 [count] 주문했고 기업 고객이라 [price] 할인받았어요
문의번호 [order] 로 [count] 남겼는데 답이 [date]에 온대요
포인트 [count] 적립된다더니 [price]밖에 안 들어왔어요
예약번호 [order] 인원 [count], [date] [time]
환불은 [date]까지 된다고 했잖아요. 은행 영업일로 [count] 지났어요
입금은 [date] [time]에 했고 금액은 [price]이에요
집 앞 도로 [count] 공사한대요. 길로 [count] 돌아가야 해요
이동 [count], 자동 [count], 활동 [count]
일이 이렇게 될 줄은 몰랐어요 사이즈 [count] 차이라니요
오늘 일이 삼십 분이나 걸렸어요, 이사 오면 [count] 더 살게요
[price]인데 왜 [price] 나왔죠? 2026년도 요금표는 [price]이던데요
우편번호 [code]인데 왜 안 뜨죠`, "\n")
