import { z } from "zod";

// The page's policy forbids to make code from text, which zod else tries; it must be told before its schemas are made.
z.config({ jitless: true });
