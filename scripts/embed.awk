# Makes the SQL files and provider profiles part of the program.
#
# Arguments: files. Standard output: the C source. The variable header: where
# to write its header. sql/query/verb_noun.sql becomes sql_verb_noun;
# sql/schema, sql/role and sql/report files and profiles become tables of {name, text}.

function literal(path,    line, out) {
	out = ""
	while ((getline line < path) > 0) {
		gsub(/\\/, "\\\\", line)
		gsub(/"/, "\\\"", line)
		gsub(/\?\?/, "?\\?", line)
		out = out "\n\t\"" line "\\n\""
	}
	close(path)
	return out == "" ? "\"\"" : out
}

function stem(path) {
	sub(/.*\//, "", path)
	sub(/\.[a-z]+$/, "", path)
	return path
}

function table(name, list, n,    i) {
	print "\nconst struct embedded " name "[] = {"
	for (i = 1; i <= n; i++)
		print "\t{ \"" stem(list[i]) "\", " literal(list[i]) " },"
	print "\t{ 0, 0 }\n};"
	print "extern const struct embedded " name "[];" > header
}

BEGIN {
	for (i = 1; i < ARGC; i++) {
		if (ARGV[i] ~ /^header=/)
			continue
		if (ARGV[i] ~ /\/query\//)
			query[++nq] = ARGV[i]
		else if (ARGV[i] ~ /\/schema\//)
			schema[++ns] = ARGV[i]
		else if (ARGV[i] ~ /\/role\//)
			role[++nro] = ARGV[i]
		else if (ARGV[i] ~ /\/report\//)
			report[++nr] = ARGV[i]
		else
			profile[++np] = ARGV[i]
	}
	print "/* Made by scripts/embed.awk; see the files named. */" > header
	print "#ifndef CALLTALLY_EMBEDDED_H\n#define CALLTALLY_EMBEDDED_H" > header
	print "struct embedded { const char *name; const char *text; };" > header
	print "#include \"embedded.h\""
	for (i = 1; i <= nq; i++) {
		print "extern const char sql_" stem(query[i]) "[];" > header
		print "\nconst char sql_" stem(query[i]) "[] = " literal(query[i]) ";"
	}
	table("embedded_schema", schema, ns)
	table("embedded_roles", role, nro)
	table("embedded_reports", report, nr)
	table("embedded_profiles", profile, np)
	print "#endif" > header
	close(header)
}
