/* A side module that needs another. */

#define EXPORT __attribute__((visibility("default")))

extern int shared_counter;
extern int side_zeros[];
int side_add(int a, int b);
void main_notes(char what);

__attribute__((constructor)) static void construct(void)
{
	main_notes('n');
}

EXPORT int needs_sum(void)
{
	return side_add(shared_counter, 2) + 7 + side_zeros[5];
}
