/* Checks local time. What is expected is what glibc says, except before 1970,
   where it knows no daylight saving time, and of zones that are not described
   as POSIX has it.
   usage: timezone_test REPORT */

#include "check.h"

#include <cowasm/timezone.h>
#include <stdlib.h>
#include <time.h>

#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define SYDNEY "AEST-10AEDT,M10.1.0,M4.1.0/3"

static void test_local(void)
{
	static const struct {
		const char *zone;
		long long time;
		const char *local;
	} rows[] = {
		{"", 0, "1970-01-01 00:00:00 UTC +0000"},
		{"UTC0", 1000000000, "2001-09-09 01:46:40 UTC +0000"},
		{NEW_YORK, 1710053999, "2024-03-10 01:59:59 EST -0500"},
		{NEW_YORK, 1710054000, "2024-03-10 03:00:00 EDT -0400"},
		{NEW_YORK, 1730613599, "2024-11-03 01:59:59 EDT -0400"},
		{NEW_YORK, 1730613600, "2024-11-03 01:00:00 EST -0500"},
		{"EST5EDT", 1720000000, "2024-07-03 05:46:40 EDT -0400"},
		{"EST5", 1720000000, "2024-07-03 04:46:40 EST -0500"},
		{SYDNEY, 1704067200, "2024-01-01 11:00:00 AEDT +1100"},
		{SYDNEY, 1720000000, "2024-07-03 19:46:40 AEST +1000"},
		{SYDNEY, 1712419199, "2024-04-07 02:59:59 AEDT +1100"},
		{SYDNEY, 1712419200, "2024-04-07 02:00:00 AEST +1000"},
		{"<+0545>-5:45", 1720000000, "2024-07-03 15:31:40 +0545 +0545"},
		{"AAA3BBB2:30,J60/0,J300", 1709175600, "2024-02-29 00:00:00 AAA -0300"},
		{"AAA3BBB2:30,J60/0,J300", 1709262000, "2024-03-01 00:30:00 BBB -0230"},
		{"AAA3BBB,59/-1,299/25", 1709171999, "2024-02-28 22:59:59 AAA -0300"},
		{"AAA3BBB,59/-1,299/25", 1709172000, "2024-02-29 00:00:00 BBB -0200"},
		{NEW_YORK, -5000000000, "1811-07-23 11:06:40 EDT -0400"},
		{NEW_YORK, 253402300800, "9999-12-31 19:00:00 EST -0500"},
		/* What is no description of a zone. */
		{"Europe/Berlin", 0, "1970-01-01 00:00:00 Europe +0000"},
		{"EST5EDT,M13.1.0,M1.1.0", 0, "1970-01-01 00:00:00 EST +0000"},
		{"EST5EDT,J0,J300", 0, "1970-01-01 00:00:00 EST +0000"},
		{"12", 0, "1970-01-01 00:00:00 UTC +0000"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tm tm;
		char text[64];
		time_t time = rows[i].time;
		setenv("TZ", rows[i].zone, 1);
		CHECK(localtime_r(&time, &tm) == &tm);
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z %z", &tm);
		CHECK_MESSAGE(strcmp(text, rows[i].local) == 0, text);
		CHECK(mktime(&tm) == time);
	}
}

static void test_mktime(void)
{
	setenv("TZ", NEW_YORK, 1);
	/* Once it is half past one twice. */
	struct tm summer = {.tm_year = 124, .tm_mon = 10, .tm_mday = 3, .tm_hour = 1, .tm_min = 30, .tm_isdst = 1};
	struct tm winter = summer;
	winter.tm_isdst = 0;
	CHECK(mktime(&summer) == 1730611800 && mktime(&winter) == 1730615400);
}

static void test_variables(void)
{
	setenv("TZ", SYDNEY, 1);
	tzset();
	CHECK(timezone == -36000 && daylight == 1);
	CHECK(strcmp(tzname[0], "AEST") == 0 && strcmp(tzname[1], "AEDT") == 0);
	unsetenv("TZ");
	tzset();
	CHECK(timezone == 0 && daylight == 0 && strcmp(tzname[0], "UTC") == 0);
}

static void test_names(void)
{
	static const struct {
		int is_dst;
		const char *zone, *name;
	} rows[] = {{0, NULL, "AEST"}, {1, "", "AEDT"}, {-1, NULL, ""}, {0, "XYZ", "XYZ"}};
	setenv("TZ", SYDNEY, 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tm tm = {.tm_mday = 1, .tm_isdst = rows[i].is_dst, .__tm_zone = rows[i].zone};
		char text[64] = {0};
		strftime(text, sizeof text, "%Z", &tm);
		CHECK_MESSAGE(strcmp(text, rows[i].name) == 0, text);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_local();
	test_mktime();
	test_variables();
	test_names();
	return write_report(argv[1]);
}
