"""Questions as many people would type them: no frame around a core, every line by itself.

{a}, {b} and {c} are numbers, {t} things, {n} and {m} names; {w} is a word and {l} a letter. What
is held out of a way to ask is the whole line.
"""

import re

from .dice import Pool
from .letters import any_word, count_answer, letter_of, spelled, word_for
from .phrasing import careless, wording
from .sums import answer, numbers_for
from .words import NAMES, THINGS, several

SUMS = {
    "{a}+{b}": """{a} first and {b} later, all together?
        my {a} and your {b}, how much have we
        how much have {a} and {b} when they are counted as one
        {n} got {a} for a birthday and {b} from a friend. What does {n} have in all?
        the bus had {a} people, {b} joined. people now?
        {a} plus {b} more is what number
        after {a} come {b} more, so how many
        what is the total if you have {a} and {b}
        find the sum of the numbers {a} and {b}
        {n} walked {a} metres and {m} {b} metres. What did they walk in all?
        a cup for {a} and a plate for {b}, what is the price of both
        i am {a} now, how old am i {b} years from now
        {a} came by car and {b} by train. How many came?
        we had {a} {t}, somebody brought {b}, how many have we got
        {a} and another {b}, what does that come to?
        i had {a} euros and my aunt gave me {b}, so now i have?
        what do {a} and {b} add up to
        combine {a} with {b}
        if i put {b} on top of {a} where do i land
        tally {a} and {b} for me
        {b} extra on {a} is how many
        we drove {a} km before lunch and {b} km after, how far in total?
        My shop sold {a} {t} yesterday and {b} today. Sum?
        grandma is {a}, in {b} years how old will she be?
        {a} boys and {b} girls, how many kids
        {a} kids are in the bus and {b} more climb in. How many kids now?
        raise {a} by {b}
        which number is {b} bigger than {a}?
        one jar holds {a} {t}, the other {b}. All in all?
        ok so {a} then plus {b} ?
        bill was {a} dollars plus a tip of {b}. what did we pay?
        There are {a} cows in one field and {b} in the next, how many cows altogether?
        {n} read {a} pages on Saturday and {b} pages on Sunday; pages in total?
        {a} ppl came, later {b} more came, how many ppl
        {n} saved {a} coins and earns {b} more. How rich is {n}?
        what will {a} be after adding {b}
        increase {a} by {b}
        sum it: {a}, {b}
        {n} walks {a} steps, then {b} steps. How many steps altogether?
        the population was {a} and grew by {b}. what is it now?
        Two numbers, {a} and {b}. What is their sum?
        my mum bought {a} eggs and my dad bought {b} eggs, how many eggs do we have
        how high is a tower of {a} bricks when {b} bricks are put on top?
        {a} likes yesterday, {b} new likes today, total likes?
        A book costs {a} and a pen costs {b}. What do both cost together?
        it was {a} degrees and got {b} degrees warmer. how warm is it?
        if you have {a} of something and somebody hands you {b}, you have
        add another {b} to {a} please
        {a} men, {b} women: how many people?
        can u add these: {a} {b}
        the train has {a} seats in front and {b} at the back, how many seats in all?
        {n} scored {a} points, {m} scored {b}. Points of both?
        suppose i own {a} {t} and inherit {b}. how many do i own then""",
    "{a}-{b}": """how much more is {a} than {b}?
        by what number does {a} exceed {b}
        how much is missing if i have {b} and want {a}
        {n} needs {a} but has {b}. How much is lacking?
        {a} were invited, {b} did not come. How many came?
        it was {a} degrees and fell by {b}. What is it now?
        take off {b} from {a} please
        the price was {a} and is {b} lower now. new price?
        {a} minus {b} leaves what
        after paying {b} from {a} what do i have
        i have {a} to spend, {b} is gone. how much remains
        what is the rest when {b} of {a} are used up
        {b} of my {a} {t} are lost. How many are there still?
        what do i get if {a} goes down by {b}
        i need {a}, i have got {b}, how many more do i need?
        {a} on the shelf, {b} are bought. How many stay?
        how long is it from {b} to {a}?
        {n} is {a} cm and {m} is {b} cm tall. What is the difference?
        how many fewer is {b} than {a}
        how much bigger is {a} than {b}
        {a} is how much more than {b}?
        How many more is {a} than {b}?
        what is left of {a} when {b} is gone
        i had {a} {t} but {b} broke, how many do i still have?
        {n} owes {a} and pays back {b}. How much does {n} still owe?
        spent {b} out of {a}, whats left
        I paid with {a} for something that costs {b}, how much change do I get?
        there were {a} birds, {b} flew off, how many birds stayed
        knock {b} off {a}
        lower {a} by {b}
        cut {b} away from {a}
        a novel has {a} pages and I have read {b}. How many are left to read?
        minus {b} from {a}
        a rope of {a} metres, we cut off {b} metres, how long is the rest?
        {a} people on the bus, {b} get off. how many are on it now?
        How far apart are {a} and {b}?
        gap between {a} and {b}?
        what must i add to {b} to get {a}
        how many are missing from {b} to {a}?
        {n} has {a} {t}, {m} has {b}. How many more does {n} have?
        The tank held {a} litres and {b} leaked out. How much is in it?
        {a} dollars in my account, rent is {b}, what do i have after
        eat {b} of {a} {t}, how many remain
        if {a} shrinks by {b} what is it
        from {a} please subtract {b}
        {b} out of {a} were bad. How many were good?
        it costs {a} but I get {b} off, so what do I pay?
        {a} seats and {b} are taken, how many free seats?
        went from {a} down by {b}
        what do you get taking {b} off {a}?
        {n} is {a} and {m} is {b}, how much older is {n}?
        count back {b} from {a}
        {a} eggs, {b} are broken. Whole eggs?
        of the {a} pupils {b} are ill today, how many came?
        we need {a} {t} and have {b}. How many do we still need?
        drop {b} from {a}, what number is that
        how much less is {b} than {a}?
        if I throw away {b} of my {a} {t}, how many do I keep?
        which number is {b} smaller than {a}
        {n} wants {a} {t} and has only {b} so far. How many are missing?""",
    "{a}*{b}": """how many {t} are in {a} boxes if each has {b}
        {a} people with {b} {t} each, how many {t} are that
        one costs {a}. what do {b} cost?
        {b} days with {a} hours, how many hours
        how much is it if i pay {a} for each of {b}
        a field is {a} wide and {b} long. what is its area
        {n} saves {a} a month. How much after {b} months?
        {a} plates, on every plate {b} {t}. All in all?
        {a} trips of {b} km, how far is that
        one piece weighs {a}. What is the weight of {b}?
        there are {a} classes with {b} pupils. How many pupils?
        {a} spiders have {b} legs each, how many legs together
        {a} tables with {b} legs each, how many legs
        {a} hours at {b} euros an hour, how much money is that?
        {a} packets at {b} dollars each cost?
        {n} runs {a} km a day. How far in {b} days?
        {a} by {b}
        what is {a} by {b}
        area of a room {a} long and {b} wide?
        if one ticket is {a}, how much are {b} tickets
        {a} multiplied {b} times
        {a} floors, {b} rooms on every floor, how many rooms?
        each of {a} pupils brings {b} {t}. How many {t}?
        {a} cars have {b} wheels each; wheels in total?
        a pack has {a} {t}. I buy {b} packs. How many {t} do I get?
        {a} taken {b} times
        i do {a} pushups every day for {b} days. total?
        {a} shelves hold {b} books each, how many books do they hold
        calc {a} mult {b}
        multiply these two: {a}, {b}
        {a} times as many as {b}
        {n} earns {a} a week, how much in {b} weeks?
        {a} hens lay {b} eggs each. How many eggs?
        a garden {a} metres by {b} metres, how many square metres?
        what do {a} {t} cost if one costs {b}?
        {a} teams of {b} players, how many players
        the product from {a} and {b} ?
        a lesson has {a} minutes, how many minutes are {b} lessons
        {a} lines with {b} words a line, words?
        {a} bunches of {b} flowers make how many flowers?
        {a} copies of {b} pages, how much paper do i need
        how much do {a} bottles at {b} cents come to?
        {a} buses carry {b} people each. how many people are that
        every one of the {a} drawers has {b} {t} in it. All {t}?
        what if i had {a} times {b}
        {n} drinks {a} glasses every day. How many glasses in {b} days?""",
    "{a}/{b}": """{a} is to be shared by {b}, what does each one have
        {a} {t} for {b} people, how many for one
        what does one cost when {b} cost {a}
        how many groups of {b} can i make out of {a}
        cut {a} into {b} same pieces. size?
        {a} divided equally between {b}
        if {b} of us pay {a} together, what does one of us pay
        {a} pages, i read {b} a day, how many days does it take?
        put {a} {t} into {b} rows. How many in a row?
        {n} has {a} and spends {b} a day. How many days will it last?
        {a} litres into bottles of {b} litres, how many bottles
        {a} km, {b} km every hour. how many hours?
        {a} euros for {b} hours of work, how much for an hour
        {b} boxes hold {a} {t}, all the same. How many does one hold?
        {a} sweets for {b} kids, how many does each get
        how many times does {b} fit into {a}
        we are {b} friends and the bill is {a}. Each pays?
        deal {a} cards to {b} players. How many cards each?
        {a} km in {b} hours, how fast was that?
        {a} {t} fit in {b} boxes equally. How many in one box?
        what is one part if {a} is divided in {b} parts
        {a} split {b} ways
        spread {a} {t} over {b} tables evenly, how many on one table?
        {b} tickets cost {a}. What does one cost?
        if {b} pens cost {a}, how much is one pen
        a ribbon of {a} cm is cut into {b} equal pieces, how long is each piece?
        {a} pupils make {b} groups of the same size. how big is a group?
        {n} reads {a} pages in {b} days. Pages a day?
        {a} shared equally with {b} people
        how much is each share when {b} share {a}
        distribute {a} among {b}
        {a} divided up by {b}
        divide up {a} for {b} people
        {b} goes into {a} how many times
        how many a day if i do {a} in {b} days?
        {a} eggs into boxes of {b}. How many boxes?
        {n} has {a} {t} and puts {b} in every bag. How many bags does {n} fill?
        {n} pays {a} in {b} equal payments. How much is one?
        each bus takes {b} people, we are {a}, how many buses
        {a} legs, each animal has {b}. How many animals?
        ratio of {a} to {b}
        i want to cut {a} metres into {b} bits, how long is a bit?
        {a} minutes for {b} laps, minutes for one lap?
        share out {a} {t} to {b} children
        {b} people win {a} together. How much does one win?
        how many {b} are there in {a}
        break {a} into {b} equal parts, one part is?""",
    "{a}+{b}+{c}": """first {a}, then {b}, then {c}. All?
        the sides are {a}, {b} and {c}, how long are they together
        {n} buys things for {a}, {b} and {c}. What is to be paid?
        {a}, {b} and {c}: total?
        {n} has {a}, {m} has {b} and I have {c}. Together?
        add these three up: {a} {b} {c}
        breakfast {a}, lunch {b}, dinner {c}, how much did i spend?
        {a} red, {b} blue and {c} green {t}. How many {t}?
        {a} on Monday, {b} on Tuesday, {c} on Wednesday, how many in three days""",
    "{a}+{b}-{c}": """{n} had {a} {t}, bought {b} and gave away {c}. How many now?
        {a} in the pot, {b} come to it, {c} are taken out. What is in it?
        i earn {a} and {b} and pay {c}. how much do i keep
        I had {a}, won {b} and then lost {c}. What do I have?
        {a} people in the train, {b} get in and {c} get out. how many now?
        start at {a}, go up {b}, go down {c}
        {n} picks {a} {t}, then {b} more, and eats {c}. How many are left?
        {a} plus {b}, but without {c}
        my account has {a}, {b} come in and {c} go out""",
    "{a}-{b}-{c}": """out of {a} we lose {b} and later {c}. Left?
        {n} saved {a}, spends {b} today and {c} tomorrow. What is left?
        a rope of {a}, first {b} and then {c} are cut off, how long is it
        {n} has {a} {t}, gives {b} to {m} and loses {c}. How many are left?
        from {a} take {b} and then another {c}
        i had {a}, paid {b} for food and {c} for the bus. what is left
        {a} {t}, {b} are sold, {c} are stolen, how many remain?""",
    "{a}-{b}+{c}": """{a} people, {b} leave and {c} arrive
        take {b} from {a} and put {c} back
        there were {a} guests, {b} went home, {c} new ones came. How many guests?
        i had {a}, spent {b}, then got {c} back
        {n} has {a} {t}, loses {b} and finds {c}. How many now?""",
    "{a}*{b}+{c}": """{n} has {a} packs of {b} {t} and {c} more. How many?
        {a} hours at {b} and {c} extra, what is my pay
        {a} boxes with {b} {t} and {c} loose ones, how many {t}?
        {a} tickets for {b} each plus a fee of {c}, total price?
        {a} times {b} and then {c} more
        {n} works {a} hours at {b} an hour and gets a gift of {c}. How much money?""",
    "{a}*{b}-{c}": """{a} rows of {b} {t}, {c} are gone. How many are there?
        {n} makes {a} trays of {b} cakes and eats {c}. How many are left?
        {a} bags with {b} {t} each, {c} are bad. How many good ones?
        {a} cartons of {b} eggs, {c} eggs break. how many whole eggs
        i buy {a} things for {b} each and get {c} off, what do i pay""",
    "({a}+{b})*{c}": """{a} and {b} together, and that {c} times
        each of {c} friends gets {a} red and {b} blue {t}. How many in all?
        sum {a} and {b}, times {c}
        every day {a} boys and {b} girls come, how many children in {c} days?
        the sum of {a} and {b} multiplied by {c}""",
    "({a}+{b})/{c}": """add {a} and {b}, then share by {c}
        we earned {a} and {b} and are {c} people. How much is it for each?
        {a} and {b} sweets shared by {c} kids. each?
        the sum of {a} and {b} divided by {c}
        {n} has {a} {t}, finds {b} more and shares all with {c} friends. How many each?""",
    "({a}-{b})/{c}": """{a} without {b}, shared by {c}
        {n} has {a} {t}, keeps {b} and shares the rest between {c} kids. Each gets?
        {a} less {b}, all of it divided by {c}
        of {a} {t} {b} are bad, the others go evenly into {c} bags. How many in a bag?""",
    "{a}*2": """twice as much as {a}
        {a} two times
        i want the double of {a}
        what is {a} twice""",
    "{a}/2": """split {a} in half
        half as much as {a}
        cut {a} in two
        {n} gives one half of {a} {t} away. How many is that?""",
    "{a}*3": """triple {a}
        three of {a} are how much""",
    "{a}*7": "how many days are {a} weeks",
    "{a}*60": "how many minutes are {a} hours?",
    "{a}*12": """how many months are {a} years
        {a} dozen eggs, how many eggs?""",
    "{a}+1": "which number comes after {a}?",
    "{a}-1": "which number comes before {a}?",
    "{a}*{a}": """{a} squared
        the square of {a}
        {a} times itself""",
    "{a}/100*{b}": """how much is {a} percent out of {b}
        {b} dollars and a tip of {a}%, how much is the tip?
        I get {a}% off {b}, how much do I save?
        {a} in a hundred of {b} is?""",
}
COUNTS = Pool(
    """how many {l}'s in {w}?|in the word {w}, how many times do you find {l}?
    |does it have {l}, the word {w}, and how many?|count me the letter {l} inside {w}
    |tell me the number of {l}'s in {w} please|how often can you find {l} in {w}
    |letter {l} in {w}: how many?|whats the count of {l} in {w}|how many {l} letters has {w} got
    |how many times do i write {l} when i write {w}?|how many {l} do you see in the word {w}
    |I am looking for {l} in {w}. How many are there?|how often do i meet {l} in {w}
    |the word is {w}. How many {l} does it have?|how often do i need {l} to write {w}?"""
)
SPELLS = Pool(
    """how do you spell {w}?|how is {w} spelled?|spelling of {w}?|spell me {w}
    |what letters is {w} made of?|take {w} apart into letters|which letters are in the word {w}?
    |i forgot how to write {w}, spell it|break {w} into its letters|say {w} letter by letter
    |can u spell {w}|what is the spelling of {w}|give me {w} one letter at a time
    |how would you spell the word {w}?|letters of {w}?|how do i write {w}, letter for letter?"""
)
WAYS = tuple((key, line.strip()) for key, lines in SUMS.items() for line in lines.split("\n"))


# What a sum is about does not matter: in half of the questions it is something else.
NOUNS = """eggs coins books cards tickets seats kids people pages rooms birds cows girls boys pupils
guests players bricks sweets pens cakes euros dollars friends legs flowers bottles hens
points"""


def asked_freely(dice):
    """A sum as somebody asks for it."""
    expression, way = dice.draw(
        lambda: dice.one_of(WAYS), lambda both: ("phrasing", wording(both[1]))
    )
    for noun in re.findall(r"[a-z]+", way):
        if noun in NOUNS.split() and dice.chance(0.5):
            other = several(dice.pick(THINGS) if dice.chance(0.5) else any_word(dice))
            way = re.sub(rf"\b{noun}\b", other, way)
    given = numbers_for(dice, expression)
    n, m = dice.two_of(NAMES)
    text = way.format(n=n, m=m, t=several(dice.pick(THINGS)), **given)
    return [(careless(dice, text), answer(expression.format(**given)))]


def letters_freely(dice):
    """A word to spell, or letters to count, without quotation marks."""
    word = word_for(dice)
    if dice.chance(0.5):
        text = dice.pick(SPELLS).format(w=word)
        return [(careless(dice, text, typos=False), spelled(word))]
    letter = letter_of(dice, word)
    text = dice.pick(COUNTS).format(l=letter, w=word)
    return [(careless(dice, text, typos=False), count_answer(f" {word}", letter))]
