"""Ways in which people ask for the letters of a word, one a line."""

COUNTS = """
how many {l}'s in {w}?
letter {l} in {w}: how many?
whats the count of {l} in {w}
how often do i meet {l} in {w}
how many {l} letters has {w} got
how often can you find {l} in {w}
count me the letter {l} inside {w}
how often do i need {l} to write {w}?
how many {l} do you see in the word {w}
tell me the number of {l}'s in {w} please
the word is {w}. How many {l} does it have?
does it have {l}, the word {w}, and how many?
how many times do i write {l} when i write {w}?
in the word {w}, how many times do you find {l}?
I am looking for {l} in {w}. How many are there?
how many times does the letter {l} occur in {w}
is there {l} in {w} and how often?
count {l} in {w} for me
how many {l} are hiding in {w}?
number of times {l} shows up in {w}
how often does {w} use the letter {l}
please tell me how often {l} occurs in {w}
take the word {w}. How many {l} are in it?
how many {l} can you see in {w}
can you tell me how many {l}s {w} has
if i write {w}, how many {l} do i need?
look at {w}. how many {l} has it?
{w} has how many {l}
{w}: how many {l}?
how many of {l} are there in the word {w}
in {w}, how many {l} are there?
i want to know how many {l} there are in {w}
how many times can {l} be found in {w}?
count all {l} in the word {w}
what number of {l} does {w} contain
does {w} contain {l}? how many?
tell me how often the letter {l} appears in {w}
how many {l} does the word {w} contain?
do you know how many {l} are in {w}?
the letter {l}, how often is it in {w}
how frequent is {l} in {w}?
in the word {w} the letter {l} stands how often?
how many {l} make up {w}
find every {l} in {w}, how many?
say how many times {l} is in {w}
how many times is the letter {l} used in {w}?
give me the number of {l} in {w}
"""

SPELLS = """
spell me {w}
can u spell {w}
letters of {w}?
spelling of {w}?
how is {w} spelled?
how do you spell {w}?
say {w} letter by letter
break {w} into its letters
take {w} apart into letters
what is the spelling of {w}
what letters is {w} made of?
give me {w} one letter at a time
how would you spell the word {w}?
which letters are in the word {w}?
i forgot how to write {w}, spell it
how do i write {w}, letter for letter?
how does one spell {w}
spell the word {w} for me
could you spell {w} please
tell me the letters of {w}
what are the letters in {w}?
write {w} with dashes between the letters
i need the spelling of {w}
{w} in single letters please
how is the word {w} written?
the word {w}, letter after letter
please spell {w}
show me how {w} is spelled
how do people spell {w}?
which letters do i need for {w}?
split {w} into letters
separate the letters of {w}
spell it for me: {w}
read me the letters of {w}
can you tell me how {w} is spelled?
list all letters in {w}
{w}, how is that spelled?
what is {w} letter by letter
would you spell {w} for me
i want to learn to spell {w}
do you know how to spell {w}?
go through {w} letter by letter
how can i spell {w}
name each letter of {w}
write out {w} letter by letter
one letter at a time: {w}
help me spell {w}
write the word {w} one letter after the other
how would {w} be spelled
now the letters of {w}
"""
