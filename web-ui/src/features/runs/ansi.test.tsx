import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { nearest, parseAnsi, plainText } from "./ansi";
import { StyledText } from "./StyledText";

const ESC = "\u001b";
const parsed = (text: string) => parseAnsi(text).map(({ text: piece, style }) => [piece, JSON.parse(JSON.stringify(style)) as object]);

describe("escape sequences", () => {
  it("style what follows them until they are taken back", () => {
    expect(parsed(`a${ESC}[1;31mred${ESC}[22m thin${ESC}[0m z`)).toEqual([
      ["a", {}],
      ["red", { bold: true, fg: "red" }],
      [" thin", { fg: "red" }],
      [" z", {}],
    ]);
    expect(parsed(`${ESC}[44mb${ESC}[49;4;3mu${ESC}[24;23;7;9mi${ESC}[mend`)).toEqual([
      ["b", { bg: "blue" }],
      ["u", { underline: true, italic: true }],
      ["i", { inverse: true, strike: true }],
      ["end", {}],
    ]);
    expect(parsed(`${ESC}[92mbright${ESC}[39mplain`)).toEqual([["bright", { fg: "green" }], ["plain", {}]]);
  });
  it("know 256 and true colours, and go on with what follows", () => {
    expect(parsed(`${ESC}[38;5;196;1mx`)).toEqual([["x", { fg: "red", bold: true }]]);
    expect(parsed(`${ESC}[48;2;0;180;190;4mx`)).toEqual([["x", { bg: "cyan", underline: true }]]);
    expect(parsed(`${ESC}[38;5;3m3${ESC}[38;5;240mgrey${ESC}[38;5;250mlight`)).toEqual([["3", { fg: "yellow" }], ["grey", { fg: "black" }], ["light", { fg: "white" }]]);
    expect([nearest(255, 140, 0), nearest(120, 60, 200), nearest(10, 10, 10), nearest(250, 250, 240)]).toEqual(["yellow", "blue", "black", "white"]);
  });
  it("that do something else, or are broken, leave nothing behind", () => {
    for (const text of [`${ESC}[2Ka`, `${ESC}[?25la`, `${ESC}]8;;https://x.example\u0007a${ESC}]8;;${ESC}\\`, `${ESC}[38ma`, `${ESC}[99;38;5ma`, `${ESC}Ma`, `a${ESC}`, `a${ESC}[`.slice(0, -1)]) {
      expect(parsed(text), JSON.stringify(text)).toEqual([["a", {}]]);
      expect(plainText(text)).toBe("a");
    }
  });
  it("keep every letter of the text", () => {
    // A small generator, always the same: no piece of text may get lost or doubled.
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 300; round += 1) {
      let [text, letters] = ["", ""];
      for (let part = 0; part < 12; part += 1) {
        const word = ["é", "<b>", "ab", " ", "&amp;", "…"][next(6)]!;
        text += next(2) ? word : `${ESC}[${next(110)};${next(110)}m${word}`;
        letters += word;
      }
      expect(parseAnsi(text).map((span) => span.text).join("")).toBe(letters);
    }
  });
  it("cannot bring in HTML", () => {
    const { container } = render(<StyledText text={`${ESC}[31m<img src=x onerror=alert(1)>${ESC}[0m&lt;`} />);
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toBe("<img src=x onerror=alert(1)>&lt;");
    expect(container.querySelector("span")?.className).toContain("danger");
  });
});
