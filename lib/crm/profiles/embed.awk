# SPDX-License-Identifier: ISC
# embed.awk: the built-in profiles as one C file. As numbers, because a
# literal may not be as long as a profile is.

BEGIN {
	for (i = 1; i < 128; i++)
		code[sprintf("%c", i)] = i
	print "/* Made of lib/crm/profiles. */"
	print "#include \"crm/profile_impl.h\""
}

FNR == 1 {
	if (files++)
		print "};"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.profile$/, "", name)
	names[files] = name
	print "static const char text_" files "[] = {"
}

{
	line = ""
	for (i = 1; i <= length($0); i++) {
		c = substr($0, i, 1)
		if (!(c in code)) {
			print FILENAME ":" FNR ": not ASCII" >"/dev/stderr"
			exit 1
		}
		line = line code[c] ","
	}
	print line "10,"
}

END {
	print "};"
	print "const struct profile_text profile_texts[] = {"
	for (i = 1; i <= files; i++)
		printf "{\"%s\", text_%d, sizeof(text_%d)},\n", names[i], i, i
	print "};"
	print "const size_t profile_texts_count = " files ";"
}
