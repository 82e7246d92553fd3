// Package learn is a linear text classifier that a brand's own
// question–answer pairs train in seconds, at import, without any download.
//
// Each answer that has several questions is a class. Questions become sparse
// vectors of words, word pairs and letter sequences within words (two to
// five), weighted by TF-IDF; one linear support vector machine per answer
// (L2 loss, dual coordinate descent: Hsieh et al. 2008) learns to tell its
// questions from all others. Letter sequences make it forgiving with typing
// errors and with Korean endings.
package learn
