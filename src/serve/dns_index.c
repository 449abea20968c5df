#include "serve/dns_index.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_MIN = 64 };

/* Allocated to measure: half of a zone's memory would be air otherwise. */
struct dns_index_record {
	uint8_t label_n, id_n;
	char text[]; /* the label, and behind it the id */
};

static struct span
label_of(const struct dns_index_record *r)
{
	return (struct span){ r->text, r->label_n };
}

void
dns_index_init(struct dns_index *x, size_t max, const struct siphash_key *key)
{
	*x = (struct dns_index){ .max = max > 0 ? max : 1, .key = *key };
}

void
dns_index_release(struct dns_index *x)
{
	for (size_t i = 0; i < x->n_slots; i++)
		free(x->slots[i]);
	free(x->slots);
	x->slots = NULL;
	x->n_slots = x->n = 0;
}

static size_t
home_of(const struct dns_index *x, struct span label)
{
	return (size_t)siphash(&x->key, label) & (x->n_slots - 1);
}

/* Where the label stands, or the free slot where it would. There is one: the
 * table is never more than three quarters full. */
static size_t
slot_of(const struct dns_index *x, struct span label)
{
	size_t i = home_of(x, label);

	while (x->slots[i] != NULL && !span_eq(label_of(x->slots[i]), label))
		i = (i + 1) & (x->n_slots - 1);
	return i;
}

bool
dns_index_get(
    const struct dns_index *x, struct span label, struct dns_entry *out)
{
	const struct dns_index_record *r;

	if (x->n == 0)
		return false;
	r = x->slots[slot_of(x, label)];
	if (r == NULL)
		return false;
	out->id_n = r->id_n;
	memcpy(out->id, r->text + r->label_n, r->id_n);
	return true;
}

/* Twice the slots, with all records moved. */
static bool
grow(struct dns_index *x)
{
	struct dns_index old = *x;
	size_t n = old.n_slots > 0 ? 2 * old.n_slots : SLOTS_MIN;
	struct dns_index_record **slots = calloc(n, sizeof *slots);

	if (slots == NULL)
		return false;
	x->slots = slots;
	x->n_slots = n;
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i] != NULL)
			slots[slot_of(x, label_of(old.slots[i]))] =
			    old.slots[i];
	free(old.slots);
	return true;
}

/* Empty slot i. Records behind it that would have stood there move up, so that
 * no search ends too early. */
static void
empty(struct dns_index *x, size_t i)
{
	size_t mask = x->n_slots - 1;

	free(x->slots[i]);
	x->n--;
	for (size_t j = (i + 1) & mask; x->slots[j] != NULL;
	     j = (j + 1) & mask) {
		size_t home = home_of(x, label_of(x->slots[j]));

		if (((j - home) & mask) < ((j - i) & mask))
			continue;
		x->slots[i] = x->slots[j];
		i = j;
	}
	x->slots[i] = NULL;
}

/* One label goes: whichever the hand meets next. The hand passes all of them
 * before one again, as a queue would. */
static void
evict(struct dns_index *x)
{
	while (x->slots[x->hand & (x->n_slots - 1)] == NULL)
		x->hand++;
	empty(x, x->hand & (x->n_slots - 1));
	x->hand++;
	x->evicted = true;
}

static bool
fill(struct dns_index_record **slot, struct span label,
    const struct dns_entry *e)
{
	struct dns_index_record *r = *slot;

	if (r == NULL || r->id_n != e->id_n) {
		r = realloc(r, sizeof *r + label.n + e->id_n);
		if (r == NULL)
			return false;
		*slot = r;
		r->label_n = (uint8_t)label.n;
		r->id_n = e->id_n;
		memcpy(r->text, label.p, label.n);
	}
	memcpy(r->text + label.n, e->id, e->id_n);
	return true;
}

enum err
dns_index_put(struct dns_index *x, struct span label, const struct dns_entry *e)
{
	size_t i;
	bool is_new;

	assert(label.n > 0 && label.n < 64 && e->id_n <= DNS_ID_MAX);
	if (x->n_slots * 3 <= x->n * 4 && !grow(x))
		return ERR_MEMORY;
	i = slot_of(x, label);
	is_new = x->slots[i] == NULL;
	if (is_new && x->n == x->max) {
		evict(x);
		i = slot_of(x, label);
	}
	if (!fill(&x->slots[i], label, e)) {
		if (!is_new)
			empty(x, i); /* rather nothing than what was */
		return ERR_MEMORY;
	}
	x->n += is_new;
	return ERR_OK;
}

void
dns_index_remove(struct dns_index *x, struct span label)
{
	size_t i;

	if (x->n == 0)
		return;
	i = slot_of(x, label);
	if (x->slots[i] != NULL)
		empty(x, i);
}
