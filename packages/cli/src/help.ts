/** The examples at the end of a command's help. */
export function examples(lines: readonly [command: string, says: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, says]) => `  ${command.padEnd(width)}  # ${says}`).join("\n")}`;
}
