#include "io/reach.h"

static void
note_silence(struct reach *r, struct ip_addr address)
{
	for (size_t i = 0; i < r->n_silent; i++)
		if (ip_eq(r->silent[i], address))
			return;
	if (r->n_silent < REACH_SILENT)
		r->silent[r->n_silent++] = address;
}

void
reach_note(struct reach *r, struct ip_addr address, bool is_smtp,
    enum talk_result result, enum talk_stage stage)
{
	bool v6 = address.family == IP_V6;

	if (talk_was_answered(result, stage)) {
		r->smtp_works |= is_smtp;
		r->v6_works |= v6;
		r->n_silent = 0;
	} else if ((result == TALK_TIMEOUT || result == TALK_UNREACHABLE) &&
		   (!is_smtp || r->smtp_works) && (!v6 || r->v6_works)) {
		note_silence(r, address);
	}
}

bool
reach_is_offline(const struct reach *r)
{
	return r->n_silent == REACH_SILENT;
}
