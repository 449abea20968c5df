/* publication_word.h - the owner's word on what is published already: it goes,
 * it stays, ours takes the place of another, these hosts may.
 *
 * Whoever takes words (the command line, the dashboard) takes them here. */
#ifndef STORE_PUBLICATION_WORD_H
#define STORE_PUBLICATION_WORD_H

#include "store/publications.h"

enum publication_word {
	PUBLICATION_REMOVE,
	PUBLICATION_KEEP,
	PUBLICATION_REPLACE,
	PUBLICATION_APPROVE,
};

/* On what is published now, in the caller's transaction, which may run again.
 * hosts are those that are approved of; of the other words there are none.
 *
 * *refused says why the word does not fit what there is, as what follows the
 * domain's name ("is not being removed"; foreign bytes are escaped); it is ""
 * where the word is taken. */
enum err
publication_say(struct store *s, enum publication_word word,
    const struct published *p, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a, struct span *refused,
    struct error *e) MUST_CHECK;

#endif
