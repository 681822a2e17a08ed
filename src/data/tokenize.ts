import type { TokenKind } from '../spec/schema';

/**
 * A word (letters, marks and digits, with apostrophes inside it), or else one character.
 * Words are cut after about 100 characters so that a text without spaces can be streamed.
 */
const wordOrCharacter = /[\p{L}\p{M}\p{N}_]{1,100}(?:['’][\p{L}\p{M}\p{N}_]{1,100}){0,4}|[^]/gu;

/** The tokens of a whole text, in order; joined together they are the text again (bytes: its UTF-8; spaced: but for the white space). */
export function tokensOf(text: string, kind: TokenKind): string[] {
  switch (kind) {
    case 'char':
      return Array.from(text);
    case 'word':
      return text.match(wordOrCharacter) ?? [];
    case 'byte':
      return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
    case 'spaced':
      return text.match(/\S+/gu) ?? [];
  }
}

/** A tokenizer that is fed a text in pieces and answers as if it had come whole. */
export interface TokenStream {
  /** Tokens that are certain after this piece. */
  push(piece: string): string[];
  /** The rest. */
  end(): string[];
}

/** Cuts a streamed text into the same words as `tokensOf` does, wherever the pieces end. */
export function wordStream(): TokenStream {
  let held = '';
  return {
    push(piece) {
      const tokens = tokensOf(held + piece, 'word');
      // The last word may go on in the next piece, also behind an apostrophe, which is one token more.
      held = tokens.splice(-2).join('');
      return tokens;
    },
    end() {
      const tokens = tokensOf(held, 'word');
      held = '';
      return tokens;
    },
  };
}

/** Cuts a streamed text at white space into the same tokens as `tokensOf` does, wherever the pieces end. */
export function spacedStream(): TokenStream {
  let held = '';
  return {
    push(piece) {
      const tokens = tokensOf(held + piece, 'spaced');
      // The last token may go on in the next piece.
      held = /\s$/u.test(piece) ? '' : (tokens.pop() ?? '');
      return tokens;
    },
    end() {
      const tokens = tokensOf(held, 'spaced');
      held = '';
      return tokens;
    },
  };
}
