/* domains.h - the portfolio: which domains are watched, and what is said of
 * them.
 *
 * Names are canonical (name_canonical) and domain names (name_is_domain);
 * others are ERR_DATA. Every change is one transaction, or part of the caller's
 * (store_transact). A domain that is not there is no error: *found says so. */
#ifndef STORE_DOMAINS_H
#define STORE_DOMAINS_H

#include "store/store.h"

/* The last judgement in words. Empty: not known. */
struct domain_summary {
	struct span deployment, eligibility, verdict, mode, stakes;
	int64_t max_age; /* seconds; -1: none */
	/* enum thing of record, policy and TLSRPT, as words. */
	struct span record, policy, tlsrpt;
	/* The rest of core/overview.h; moments are 0 where there is none. */
	struct span provider, next_step, next_check;
	int64_t addresses, good_addresses, mx, covered_mx;
	struct wall_time mode_since, cached_until, policy_cert_until,
	    mx_cert_until;
	struct wall_time changed_at; /* the last entry of its history */
};

struct domain {
	int64_t id;
	struct span name;
	struct wall_time added_at;
	bool paused;
	bool has_been_checked;
	struct wall_time checked_at; /* if so */
	struct wall_time next_at; /* when a look is planned, unless paused; the
				   * past: it waits, or is under way */
	struct span note, settings;
	struct domain_summary summary;
};

struct domains_added {
	size_t added, known;
};

/* All of them or, on an error, none. A domain twice in the list is known the
 * second time. New ones are due at `now`. */
enum err
domains_add(struct store *s, const struct span *names, size_t n,
    struct wall_time now, struct domains_added *out,
    struct error *e) MUST_CHECK;

/* With all that is remembered of it. Incidents end `now` that no other domain
 * suffers from. ERR_USAGE: we publish its policy, and senders may hold it. */
enum err
domains_remove(struct store *s, struct span name, struct wall_time now,
    bool *found, struct error *e) MUST_CHECK;

enum err
domains_get(struct store *s, struct span name, struct arena *a,
    struct domain *out, bool *found, struct error *e) MUST_CHECK;

/* The name of the domain of that number. */
enum err
domains_name(struct store *s, int64_t id, struct arena *a, struct span *out,
    bool *found, struct error *e) MUST_CHECK;

/* An empty span, or zero: whatever it is. */
struct domain_filter {
	struct span tag, prefix, verdict;
	struct span after; /* names behind this one: the last of a page */
	size_t max; /* rows; LIMIT_STORE_PAGE at most */
};

/* A page in the order of the names' bytes; the list and its spans live in the
 * arena. Fewer than max rows: it was the last page. */
enum err
domains_list(struct store *s, const struct domain_filter *filter,
    struct arena *a, struct domain **out, size_t *n,
    struct error *e) MUST_CHECK;

/* At most LIMIT_NOTE and LIMIT_SETTINGS bytes, otherwise ERR_LIMIT. */
enum err
domains_set_note(struct store *s, struct span name, struct span note,
    bool *found, struct error *e) MUST_CHECK;
/* Whoever changes what is set or ordered, and has to read it first, holds the
 * domain: until the end of the caller's transaction nobody else who does so
 * reads it, and nobody's word is lost. Not found: it is gone. */
enum err
domains_hold(
    struct store *s, struct span name, bool *found, struct error *e) MUST_CHECK;
/* New settings hold from `now` on: the domain is judged anew. */
enum err
domains_set_settings(struct store *s, struct span name, struct span settings,
    struct wall_time now, bool *found, struct error *e) MUST_CHECK;

/* A paused domain is never due. When it is resumed it is due at `now`; one that
 * was not paused is left as it is. */
enum err
domains_set_paused(struct store *s, struct span name, bool paused,
    struct wall_time now, bool *found, struct error *e) MUST_CHECK;

/* A row that says the same already is not written. */
enum err
domains_set_summary(struct store *s, int64_t id,
    const struct domain_summary *summary, struct error *e) MUST_CHECK;

/* What is no tag (tag_name.h) is ERR_LIMIT. To add one that is there
 * and to remove one that is not changes nothing. */
enum err
domains_tag(struct store *s, struct span name, struct span tag, bool *found,
    struct error *e) MUST_CHECK;
enum err
domains_untag(struct store *s, struct span name, struct span tag, bool *found,
    struct error *e) MUST_CHECK;

/* In order; none for a domain that is not there. */
enum err
domains_tags(struct store *s, struct span name, struct arena *a,
    struct span **out, size_t *n, struct error *e) MUST_CHECK;

struct domain_tags {
	struct span *all;
	size_t n;
};

/* The same of each of n domains, at once. */
enum err
domains_tags_of(struct store *s, const struct domain *list, size_t n,
    struct arena *a, struct domain_tags **out, struct error *e) MUST_CHECK;

#endif
