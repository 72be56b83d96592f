/* Local time. wasi-libc computes it from what the functions at the end say, and
   its own of these know UTC only. */

#include <cowasm/timezone.h>
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOUR = 3600, DAY = 24 * HOUR, NAME_SIZE = 32 };

/* What wasi-libc compares names of zones with. */
const char __utc[] = "UTC";

static char names[2][NAME_SIZE] = {"UTC", "UTC"};
char *tzname[2] = {names[0], names[1]};
long timezone;
int daylight;

/* When daylight saving time begins or ends, in the local time before. */
struct rule {
	enum { JULIAN, DAY_OF_YEAR, WEEKDAY } kind; /* Jn, n, Mm.w.d */
	int month, week, day;
	int time; /* seconds from midnight */
};

static struct rule begin, end;

/* Seconds that are added to UTC. */
static int standard_offset, daylight_offset;

/* Reads a name: letters, or anything between < and >. */
static bool read_name(const char **at, char name[NAME_SIZE])
{
	const char *s = *at;
	size_t n = 0, most = NAME_SIZE - 1;
	bool quoted = *s == '<';
	for (s += quoted; quoted ? *s && *s != '>' : isalpha((unsigned char)*s); s++)
		if (n < most)
			name[n++] = *s;
	if (quoted && *s++ != '>')
		return false;
	name[n] = '\0';
	*at = s;
	return n >= 3;
}

static bool read_number(const char **at, int most, int *number)
{
	if (!isdigit((unsigned char)**at))
		return false;
	long n = strtol(*at, (char **)at, 10);
	*number = (int)n;
	return n <= most;
}

/* Reads [+-]hours[:minutes[:seconds]] as seconds. */
static bool read_time(const char **at, int *seconds)
{
	int sign = 1, hours, minutes = 0, rest = 0;
	if (**at == '+' || **at == '-')
		sign = *(*at)++ == '-' ? -1 : 1;
	if (!read_number(at, 167, &hours))
		return false;
	if (**at == ':' && (++*at, !read_number(at, 59, &minutes)))
		return false;
	if (**at == ':' && (++*at, !read_number(at, 59, &rest)))
		return false;
	*seconds = sign * (hours * HOUR + minutes * 60 + rest);
	return true;
}

/* Reads a character that has to come next. */
static bool read_character(const char **at, char c)
{
	bool there = **at == c;
	*at += there;
	return there;
}

/* Reads a rule, of which the time may be left out. */
static bool read_rule(const char **at, struct rule *rule)
{
	*rule = (struct rule){.kind = DAY_OF_YEAR, .time = 2 * HOUR};
	if (read_character(at, 'M')) {
		rule->kind = WEEKDAY;
		if (!read_number(at, 12, &rule->month) || !read_character(at, '.') || !read_number(at, 5, &rule->week) ||
		    !read_character(at, '.') || !read_number(at, 6, &rule->day) || rule->month == 0 || rule->week == 0)
			return false;
	} else {
		if (read_character(at, 'J'))
			rule->kind = JULIAN;
		if (!read_number(at, 365, &rule->day) || (rule->kind == JULIAN && rule->day == 0))
			return false;
	}
	return !read_character(at, '/') || read_time(at, &rule->time);
}

/* Reads the whole of TZ. */
static bool read_zone(const char *s)
{
	int west;
	if (!read_name(&s, names[0]) || !read_time(&s, &west))
		return false;
	standard_offset = daylight_offset = -west;
	strcpy(names[1], names[0]);
	if (!*s)
		return true;
	if (!read_name(&s, names[1]))
		return false;
	daylight_offset = standard_offset + HOUR;
	if (*s && *s != ',') {
		if (!read_time(&s, &west))
			return false;
		daylight_offset = -west;
	}
	/* Without rules, those of the United States are meant. */
	const char *rules = *s ? s : ",M3.2.0,M11.1.0";
	daylight = read_character(&rules, ',') && read_rule(&rules, &begin) && read_character(&rules, ',') &&
	           read_rule(&rules, &end) && !*rules;
	return daylight;
}

void tzset(void)
{
	static char *known;
	const char *zone = getenv("TZ");
	if (!zone || !*zone)
		zone = "UTC0";
	if (known && strcmp(known, zone) == 0)
		return;
	free(known);
	known = strdup(zone);
	daylight = 0;
	if (!read_zone(zone + (*zone == ':'))) {
		daylight = standard_offset = daylight_offset = 0;
		if (!read_name(&zone, names[0]))
			strcpy(names[0], __utc);
		strcpy(names[1], names[0]);
	}
	timezone = -standard_offset;
}

static bool is_leap(long long year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Returns the days from 1970 to the first day of a year. */
static long long days_before(long long year)
{
	long long y = year - 1;
	long long leaps = (y / 4 - (y % 4 < 0)) - (y / 100 - (y % 100 < 0)) + (y / 400 - (y % 400 < 0));
	return 365 * (year - 1970) + leaps - 477;
}

/* Returns when a rule applies in a year: seconds since 1970 in local time. */
static long long moment(const struct rule *rule, long long year)
{
	static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	long long first = days_before(year);
	bool leap = is_leap(year);
	int day = rule->day;
	if (rule->kind == JULIAN) {
		/* 29 February is never counted. */
		day += (leap && day >= 60) - 1;
	} else if (rule->kind == WEEKDAY) {
		int start = before[rule->month - 1] + (leap && rule->month > 2);
		int after = before[rule->month] + (leap && rule->month >= 2);
		/* 1 January 1970 was a Thursday. */
		int weekday = (int)(((first + start + 4) % 7 + 7) % 7);
		day = start + (rule->day - weekday + 7) % 7 + 7 * (rule->week - 1);
		while (day >= after)
			day -= 7;
	}
	return (first + day) * DAY + rule->time;
}

/* Returns the year that a time is in. */
static long long year_of(long long seconds)
{
	long long days = seconds / DAY - (seconds % DAY < 0);
	long long year = 1970 + days / 366 - (days < 0);
	while (days_before(year + 1) <= days)
		year++;
	while (days_before(year) > days)
		year--;
	return year;
}

/* Reports whether daylight saving time holds at a time, which is local or UTC. */
static bool is_daylight(long long t, bool local)
{
	if (!daylight || t > INT_MAX * 1000LL || t < INT_MIN * 1000LL)
		return false;
	long long year = year_of(local ? t : t + standard_offset);
	long long from = moment(&begin, year), to = moment(&end, year);
	if (!local) {
		from -= standard_offset;
		to -= daylight_offset;
	}
	return from < to ? t >= from && t < to : t >= from || t < to;
}

/* Stores what holds at a time: whether it is daylight saving time, the seconds
   that are added to UTC then and otherwise, and the name of the zone. */
void __secs_to_zone(long long t, int local, int *is_dst, int *offset, long *other, const char **name)
{
	tzset();
	bool dst = is_daylight(t, local);
	*is_dst = dst;
	*offset = dst ? daylight_offset : standard_offset;
	if (other)
		*other = dst ? standard_offset : daylight_offset;
	*name = names[dst];
}

/* Returns what strftime writes for %Z: the name that a time comes with, or else
   that of what TZ says. */
const char *__tm_to_tzname(const struct tm *tm)
{
	if (tm->__tm_zone && *tm->__tm_zone)
		return tm->__tm_zone;
	tzset();
	return tm->tm_isdst < 0 ? "" : names[tm->tm_isdst > 0];
}
