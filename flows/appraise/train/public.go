package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/flows/appraise"
)

// publicMost bounds how many messages of one public intent are taken: they are
// alike, and a bank's customers should not outvote everybody else's.
const publicMost = 40

// intents says which public intents tell of which event. An intent that is not
// here is a plain question about how something works.
var intents = map[string]string{
	// BANKING77 (Casanueva et al. 2020, CC BY 4.0)
	"card_arrival": "delivery_late", "transaction_charged_twice": "double_charge", "direct_debit_payment_not_recognised": "double_charge",
	"card_payment_not_recognised": "double_charge", "cash_withdrawal_not_recognised": "double_charge", "Refund_not_showing_up": "refund_delay",
	"request_refund": "exchange", "extra_charge_on_statement": "price_dispute", "card_payment_fee_charged": "price_dispute",
	"cash_withdrawal_charge": "price_dispute", "transfer_fee_charged": "price_dispute", "card_payment_wrong_exchange_rate": "price_dispute",
	"wrong_exchange_rate_for_cash_withdrawal": "price_dispute", "wrong_amount_of_cash_received": "price_dispute",
	"declined_card_payment": "payment_fail", "declined_cash_withdrawal": "payment_fail", "declined_transfer": "payment_fail",
	"top_up_failed": "payment_fail", "failed_transfer": "payment_fail", "balance_not_updated_after_bank_transfer": "refund_delay",
	"transfer_not_received_by_recipient": "refund_delay", "pin_blocked": "account_locked", "passcode_forgotten": "account_locked",
	"unable_to_verify_identity": "account_locked", "lost_or_stolen_card": "lost_item", "lost_or_stolen_phone": "lost_item",
	"compromised_card": "privacy_leak", "card_not_working": "bug", "contactless_not_working": "bug", "virtual_card_not_working": "bug",
	"terminate_account": "order_change", "edit_personal_details": "order_change", "cancel_transfer": "order_change", "change_pin": "order_change",
	"pending_card_payment": "", "pending_transfer": "", "pending_top_up": "", "pending_cash_withdrawal": "", "reverted_card_payment?": "", "top_up_reverted": "",
	"balance_not_updated_after_cheque_or_cash_deposit": "", "card_swallowed": "", "card_delivery_estimate": "question",
	// Bitext customer support (CDLA-Sharing-1.0)
	"cancel_order": "order_change", "change_order": "order_change", "change_shipping_address": "order_change", "delete_account": "order_change",
	"edit_account": "order_change", "switch_account": "order_change", "get_refund": "exchange", "payment_issue": "payment_fail",
	"registration_problems": "account_locked", "recover_password": "account_locked", "contact_human_agent": appraise.Nothing,
	"complaint": "", "review": "", "track_order": "", "track_refund": "",
}

// publicRows reads the public English sets that lie under the folder; it has
// none in other languages. A set that is missing is left out and named.
func publicRows(dir, lang string) ([]row, error) {
	if lang != "en" || dir == "" {
		return nil, nil
	}
	var rows []row
	for _, set := range []string{"banking77", "bitext-intents"} {
		name := filepath.Join(dir, set, "train.tsv")
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("public set: %w; docs/data.md says where it comes from", err)
		}
		taken := make(map[string]int)
		for s := bufio.NewScanner(f); s.Scan(); {
			text, rest, _ := strings.Cut(s.Text(), "\t")
			intent, _, _ := strings.Cut(rest, "\t")
			event, known := intents[intent]
			if !known {
				event = "question"
			}
			most := publicMost
			if event == "question" {
				most /= 4
			}
			if event == "" || taken[intent] >= most {
				continue
			}
			taken[intent]++
			rows = append(rows, row{text, []string{event}, appraise.RuleScores(text)})
		}
		f.Close()
	}
	return rows, nil
}
