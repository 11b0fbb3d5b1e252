"""Ways in which people ask for {a} * {b}, one a line."""

MULTIPLYING = """
how many {t} are in {a} boxes if each has {b}
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
{n} drinks {a} glasses every day. How many glasses in {b} days?
please multiply {a} by {b}
{n} buys {a} shirts for {b} each. How much does {n} pay?
a week of {a} hours, {b} such weeks, hours?
how many wheels do {a} cars have with {b} wheels each
i read {a} pages a day. how many pages do i read in {b} days
{a} rows with {b} seats. how many people can sit?
each ticket costs {a}. We need {b}. What is the price for all?
{a} trees with {b} apples on each tree, how many apples
what's {a} times {b}
the bus goes {a} times a day with {b} people each time. How many people a day?
if one box weighs {a} kg, what do {b} boxes weigh?
{b} copies of a book with {a} pages, pages altogether?
i save {a} every week, how much is that after {b} weeks
{n} plants {a} rows of {b} carrots. How many carrots?
how much are {a} coffees at {b} each
give me the product of {a} and {b}
{a} baskets hold {b} eggs each. How many eggs are there altogether?
a car drives {a} km an hour. how far does it get in {b} hours?
{n} has {a} bags. There are {b} sweets in each bag. How many sweets does {n} have?
{a} kids bring {b} cookies each to school. cookies?
{b} times {a} please
{a} fold {b}
a wall is {a} bricks long and {b} bricks high. How many bricks?
every page has {a} words and there are {b} pages. Words in the book?
{a} weeks with {b} days each, in days?
one row has {a} plants. how many plants are in {b} rows
we have {a} cars and in each sit {b} people, how many of us are there
what do i pay for {b} nights if a night costs {a}
{n} drinks {a} cups a day. How many cups does {n} drink in {b} days?
{a} hands with {b} fingers each, how many fingers
can you do {a} times {b} for me
a machine makes {a} screws a minute. how many in {b} minutes?
there are {a} houses in the street and {b} people live in each. people?
{a} sets of {b}
i need {a} g for one cake. how many g for {b} cakes
{b} children get {a} sweets each. How many sweets do we need?
{a} groups, {b} members each, total members?
i practise {a} minutes each day, {b} days long. how many minutes is that
how many squares has a board of {a} by {b}?
each of my {a} cousins has {b} dolls. How many dolls?
if i add {a} to itself {b} times over i get, i mean {a} times {b}
{n} swims {a} lengths on each of {b} days. How many lengths?
repeat {a} {b} times, what is the sum
one pen costs {a} cents, {n} buys {b}. How many cents?
{a} cages, {b} rabbits in every cage. How many rabbits?
{a} people each gave {b} euros. How much came together?
a page has {a} lines. How many lines do {b} pages have?
we work {a} hours a day. {b} days of work are how many hours?
{a} multiplied with {b}
tell me {a} lots of {b}
"""
