window.Onki = window.Onki || function () { (Onki.q = Onki.q || []).push(arguments); };
window.heard = [];
Onki('on', 'unread', (n) => window.heard.push(['unread', n]));
Onki('on', 'open', () => window.heard.push(['open']));
