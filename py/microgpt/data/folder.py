"""A folder of texts, such as source code, as a corpus: each file is a document."""

from ..errors import UserError
from .stream import text_files
from .text import Corpus, read_text, split_text


def corpus_from_folder(folder, split="none", include=(), say=None):
    """The texts in a folder; files that are no text are left out, and `say` is told."""
    documents, left_out, problem = [], [], None
    for path in text_files(folder, include):
        try:
            text = read_text(path)
        except UserError as error:
            left_out.append(path.name)
            problem = problem or error
            continue
        documents += split_text(text, split)
    if not documents:
        raise UserError(f"No file in {folder} is text: {problem}")
    if left_out and say:
        say(left_out_sentence(left_out, problem))
    return Corpus(str(folder), documents, f"the files in {folder}", split)


def left_out_sentence(names, problem):
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Left out {', '.join(names[:3])}{more}: {problem}"
