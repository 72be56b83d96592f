import sys

names, output = sys.argv[1:]
with open(names) as f:
    lines = ['\t"%s",\n' % line.strip() for line in f]
with open(output, "w") as f:
    f.write("static const char *const table[] = {\n%s};\n" % "".join(lines))
