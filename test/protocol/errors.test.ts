import { describe, expect, it } from "vitest";
import { BadRequestError, statusDetails } from "../../src/protocol/errors.js";
import { quote, quoteList, shorten, visible } from "../../src/protocol/quote.js";

describe("what an error quotes of a client's text", () => {
  it("shows control characters, turned directions and half characters as escapes", () => {
    expect(visible("a\x1b[2Jb\nc\u202ed\u0085")).toBe("a\\u001b[2Jb\\u000ac\\u202ed\\u0085");
    expect(visible("half \ud83d, whole 😀, Grüße, 世界")).toBe("half \\ud83d, whole 😀, Grüße, 世界");
  });

  it("is cut in its middle, between characters, and says how much is gone", () => {
    expect(shorten("short", 20)).toBe("short");
    expect(shorten(`${"a".repeat(500)}END`, 20)).toBe("aaaaaaaaaaaa... (483 bytes left out) ...aaaaaEND");
    expect(shorten("世".repeat(100), 20)).toMatch(/^世{4}\.\.\. \(\d+ bytes left out\) \.\.\.世{2,3}$/);
    expect(quote("n".repeat(20_000)).length).toBeLessThan(160);
  });

  it("counts what a list has beyond its first entries", () => {
    expect(quoteList([])).toBe("none");
    expect(quoteList(["a", "b"])).toBe("'a', 'b'");
    expect(quoteList(Array.from({ length: 1024 }, (_, i) => `id ${i}`))).toMatch(/^'id 0', .*'id 5' and 1018 more$/);
  });
});

describe("a refusal", () => {
  it.each(["x", "世", "\x00", "😀", "%"])(
    "keeps its remedy and fits into gRPC's 8 kB of trailers, of %j",
    (character) => {
      const error = new BadRequestError("f".repeat(20_000), `is '${character.repeat(20_000)}'; send a shorter one`);
      expect(error.description).toMatch(/^is '.*left out.*; send a shorter one$/);
      const details = Buffer.from(statusDetails(error)).toString("base64");
      expect(encodeURIComponent(error.message).length + details.length).toBeLessThan(8192);
    },
  );
});
